/// What happened between two reports of a gateway.
struct TopRates: Sendable, Hashable {
    /// The time between them; nothing where there is only one.
    var seconds = 0.0
    /// How long the gateway has run, in milliseconds.
    var uptime = 0
    var rows: [LiveReport.Row] = []
    /// What people call the tenants, by their ids.
    var names: [String: String] = [:]

    init() {}

    /// What has happened since an older report.
    ///
    /// A gateway that has started anew meanwhile has counted from nothing again: then it is what happened since its start.
    init(_ report: LiveReport, since old: LiveReport?) {
        uptime = report.uptime
        names = report.names
        let before = old.flatMap { report.goesOn(from: $0) ? $0 : nil }
        if old != nil { seconds = Double(report.uptime - (before?.uptime ?? 0)) / 1_000 }
        let counts = before?.counts ?? [:]
        rows = report.rows.map { row in
            LiveReport.Row(subject: row.subject, counts: row.counts.since(counts[row.subject] ?? TopCounts()))
        }
    }
}

extension LiveReport {
    fileprivate var counts: [Subject: TopCounts] {
        Dictionary(rows.map { ($0.subject, $0.counts) }) { first, _ in first }
    }

    /// Whether both are of one run: its time and none of its counts go back, and no row is gone.
    fileprivate func goesOn(from old: LiveReport) -> Bool {
        guard uptime >= old.uptime else { return false }
        let counts = counts
        return old.rows.allSatisfy { row in
            // What has only run may have got its provider, and with it another row.
            row.counts.requests <= counts[row.subject]?.requests ?? 0
        }
    }
}

/// The newest reports, of which rates are made that do not jump with every request.
struct TopHistory: Sendable, Hashable {
    private var reports: [LiveReport] = []
    /// In milliseconds.
    private let window: Int

    /// Rates are over so many seconds, or over the time between two reports where that is longer.
    init(window: Double = 5) { self.window = Int(window * 1_000) }

    mutating func note(_ report: LiveReport) {
        // What has started anew has counted from nothing.
        if let last = reports.last, !report.goesOn(from: last) { reports = [LiveReport(uptime: 0)] }
        reports.append(report)
        // The report before stays, and so does the oldest one that is not too old.
        while reports.count > 2, report.uptime - reports[0].uptime > window { reports.removeFirst() }
    }

    /// What happened lately.
    var rates: TopRates {
        guard let newest = reports.last else { return TopRates() }
        return TopRates(newest, since: reports.count > 1 ? reports[0] : nil)
    }
}
