/// So much a minute, by the generic cell rate algorithm (ITU-T I.371) in whole nanoseconds.
///
/// All that is kept of the past is one number: when the next cell would be due if all came evenly. A minute's worth may come
/// at once; in any time `t` at most `perMinute` and what is due in `t` is let through.
struct CellRate: Sendable, Hashable {
    static let minute = 60_000_000_000

    let perMinute: Int
    /// What one cell takes, rounded up, so that a rounding never lets one too many through.
    let interval: Int

    init(perMinute: Int) {
        self.perMinute = max(1, perMinute)
        interval = (Self.minute + self.perMinute - 1) / self.perMinute
    }

    /// How far ahead of the present the next cell may be due.
    var burst: Int { interval * perMinute }

    /// When the next cell is due after `cells` were taken at `now`; nil where they do not fit.
    func due(after due: Int, taking cells: Int, at now: Int) -> Int? {
        let next = max(due, now) + cells * interval
        return next - now <= burst ? next : nil
    }

    /// The same for cells that came whether they fit or not; what is owed for them is never more than an hour's worth.
    func due(after due: Int, owing cells: Int, at now: Int) -> Int {
        min(max(due, now) + min(cells, 60 * perMinute) * interval, now + 60 * burst)
    }

    /// How long it takes until so many cells fit, in nanoseconds.
    func wait(for cells: Int, due: Int, at now: Int) -> Int {
        max(0, max(due, now) + cells * interval - burst - now)
    }

    /// How many cells fit now.
    func remaining(due: Int, at now: Int) -> Int { max(0, (burst - max(0, due - now)) / interval) }

    /// How long it takes until a whole minute's worth fits.
    func reset(due: Int, at now: Int) -> Int { max(0, due - now) }
}
