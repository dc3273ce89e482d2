import Inference

/// What one event loop's requests came to since the start, by tenant, provider and model.
///
/// A value that its event loop owns. A request costs a look into a dictionary; once there are as many rows as there may be, all
/// that is new counts in the row of `LiveSubject.other`.
struct LiveTable: Sendable {
    private var subjects = [LiveSubject.other]
    private var counts = [LiveCounts()]
    private var places = [LiveSubject.other: 0]
    private let most: Int

    /// An empty one of so many rows at most.
    init(most: Int = 2_000) { self.most = most }

    /// Counts a request that has ended.
    ///
    /// `tenant` is whose it is, where the record does not say it; `used` are its tokens, where the provider did not count them;
    /// `name` gives the name under which a model counts, and is asked for names alone that have no row.
    mutating func note(
        _ record: ExchangeRecord,
        of tenant: String? = nil,
        used: TokenAmounts? = nil,
        named name: (String) -> String = { $0 }
    ) {
        let place = place(of: LiveSubject(record, of: tenant), named: name)
        let told = TokenAmounts(input: record.usage.input ?? 0, output: record.usage.output ?? 0)
        counts[place].note(record, used ?? told)
    }

    /// The place of a subject's row, which is made where there is none.
    mutating func place(of subject: LiveSubject, named name: (String) -> String = { $0 }) -> Int {
        var subject = subject
        // Nobody has to compute the hash of a name that is none.
        if subject.model.utf8.count > KnownNames.longest { subject.model = KnownNames.other }
        if let place = places[subject] { return place }
        subject.model = name(subject.model)
        if let place = places[subject] { return place }
        guard subjects.count < most else { return 0 }
        places[subject] = subjects.count
        subjects.append(subject)
        counts.append(LiveCounts())
        return subjects.count - 1
    }

    /// The rows as they are now; `running` has the place of each request that runs.
    func snapshot(running: [Int] = []) -> LiveSnapshot {
        LiveSnapshot(subjects: subjects, counts: counts, running: running)
    }
}

/// A table's rows at one moment.
///
/// It shares the table's memory, and has no copy of what finds a row.
struct LiveSnapshot: Sendable {
    let subjects: [LiveSubject]
    let counts: [LiveCounts]
    /// The place of each request that runs.
    let running: [Int]
}

/// The rows of all event loops together.
struct LivePicture: Sendable {
    private var counts: [LiveSubject: LiveCounts] = [:]

    mutating func merge(_ snapshot: LiveSnapshot) {
        for (subject, counts) in zip(snapshot.subjects, snapshot.counts) where !counts.isEmpty {
            self.counts[subject, default: LiveCounts()].add(counts)
        }
        for place in snapshot.running {
            counts[snapshot.subjects[place], default: LiveCounts()].inFlight += 1
        }
    }

    /// Those of one tenant or of all, in the order of their names.
    func rows(of tenant: String?) -> [(subject: LiveSubject, counts: LiveCounts)] {
        let wanted = counts.filter { tenant == nil || $0.key.tenant == tenant }
        return wanted.map { (subject: $0.key, counts: $0.value) }.sorted { one, other in
            let (left, right) = (one.subject, other.subject)
            return (left.tenant, left.provider, left.model) < (right.tenant, right.provider, right.model)
        }
    }
}

extension LiveSubject {
    /// Whose a record is; `tenant` goes before what it says itself.
    init(_ record: ExchangeRecord, of tenant: String?) {
        self.init(
            tenant: tenant ?? record.tenant ?? "",
            provider: record.provider ?? "",
            model: record.upstreamModel ?? record.model ?? ""
        )
    }
}
