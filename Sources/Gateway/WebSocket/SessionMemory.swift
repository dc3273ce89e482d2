import NIOCore

/// What a session remembers of its latest responses, so that the next request only has to say what is new.
///
/// They are one conversation: each goes on from the one before it, and all share its pieces. A response that goes on
/// from none of them begins a new one.
struct SessionMemory {
    /// Where a client may go on from.
    struct Point {
        let id: String
        let history: History
        /// Of a warm-up alone.
        let preset: Preset?
    }

    private static let most = 8

    /// The oldest first.
    private var points: [Point] = []

    /// About how much memory all of it takes.
    var bytes: Int {
        guard let last = points.last else { return 0 }
        return last.history.bytes + points.reduce(0) { $0 + ($1.preset?.bytes ?? 0) }
    }

    /// Where a response of this session ended; nil if it is not remembered.
    func point(_ id: String) -> Point? { points.last { $0.id == id } }

    /// Adds what goes on from `previous`, and forgets what that leaves aside.
    mutating func keep(_ point: Point, after previous: String?) {
        let end = previous.flatMap { id in points.lastIndex { $0.id == id } }
        points = end.map { Array(points[...$0]) } ?? []
        points.append(point)
        if points.count > Self.most { points.removeFirst() }
    }
}
