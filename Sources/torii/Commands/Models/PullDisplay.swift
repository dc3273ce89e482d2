import Providers

/// Turns the steps of a pull into what a person sees: one line that changes on a terminal, a few plain lines elsewhere.
struct PullDisplay {
    enum Action: Equatable {
        /// A line of its own.
        case line(String)
        /// The current line, anew.
        case overwrite(String)
    }

    private let isTerminal: Bool
    private let columns: Int
    private var status = ""
    private var tenth = -1
    private var lastDrawn: Duration?
    private var meter = RateMeter()
    /// Whether the cursor is behind a line without its end.
    var isLineOpen = false

    init(isTerminal: Bool, columns: Int) {
        self.isTerminal = isTerminal
        self.columns = columns
    }

    /// What to show of a step that came `time` after the start; nil where it changes nothing.
    mutating func show(_ step: PullProgress, at time: Duration) -> Action? {
        let isNew = step.status != status
        if isNew {
            (status, tenth, meter) = (step.status, -1, RateMeter())
        }
        guard let total = step.total, total > 0 else { return isNew ? plain(step.status) : nil }
        let completed = min(step.completed ?? 0, total)
        meter.note(completed, at: time)
        return isTerminal ? bar(completed, of: total, at: time, isNew: isNew) : tenths(completed, of: total)
    }

    private mutating func plain(_ text: String) -> Action {
        guard isTerminal else { return .line(text) }
        isLineOpen = true
        return .overwrite(text)
    }

    /// A line for each tenth, and for the whole.
    private mutating func tenths(_ completed: Int, of total: Int) -> Action? {
        let now = Int(Double(completed) / Double(total) * 10)
        guard now > tenth else { return nil }
        tenth = now
        return .line("\(status) \(percent(completed, total))% of \(Figures.bytes(total))\(speed(completed, total))")
    }

    /// At most ten times a second.
    private mutating func bar(_ completed: Int, of total: Int, at time: Duration, isNew: Bool) -> Action? {
        if !isNew, completed < total, let lastDrawn, time - lastDrawn < .milliseconds(100) { return nil }
        lastDrawn = time
        isLineOpen = true
        let figures = "\(percent(completed, total))% \(Figures.bytes(completed))/\(Figures.bytes(total))"
        let tail = " \(figures)\(speed(completed, total))"
        let width = min(40, columns - status.count - tail.count - 4)
        guard width >= 5 else { return .overwrite(String((status + tail).prefix(max(0, columns - 1)))) }
        let filled = Int(Double(completed) / Double(total) * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return .overwrite("\(status) \(bar)\(tail)")
    }

    private func percent(_ completed: Int, _ total: Int) -> Int { Int(Double(completed) / Double(total) * 100) }

    private func speed(_ completed: Int, _ total: Int) -> String {
        guard let rate = meter.rate, rate >= 1 else { return "" }
        let left = completed < total ? " ETA \(Figures.wait(Int((Double(total - completed) / rate).rounded(.up))))" : ""
        return " \(Figures.bytes(Int(rate)))/s\(left)"
    }
}

/// The rate of the last five seconds, in bytes per second.
struct RateMeter {
    private var samples: [(time: Duration, bytes: Int)] = []

    mutating func note(_ bytes: Int, at time: Duration) {
        samples.append((time, bytes))
        while samples.count > 2, let first = samples.first, time - first.time > .seconds(5) { samples.removeFirst() }
    }

    /// Nil before half a second has been seen.
    var rate: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let seconds = (last.time - first.time) / .seconds(1)
        return seconds >= 0.5 ? Double(last.bytes - first.bytes) / seconds : nil
    }
}
