import NIOCore

/// What a pool knows of one origin, as a value: which connections are idle, who waits, and what to do next.
///
/// Generic so that its rules are tested without a socket.
struct OriginState<Connection: AnyObject, Waiter: AnyObject> {
    struct Idle {
        let connection: Connection
        let since: NIODeadline
    }

    enum Demand {
        case use(Connection, since: NIODeadline)
        /// Wait, and open one more connection.
        case connect
        /// Wait for a connection that is being opened or given back.
        case wait
        case refuse
    }

    enum Availability {
        case serve(Waiter)
        case keep
        case close
    }

    private let maximumConnections: Int
    private let maximumWaiting: Int
    private let maximumIdle: Int
    private let spare: Int
    /// The most recently used one is last.
    private(set) var idle: [Idle] = []
    private(set) var waiting = CircularBuffer<Waiter>()
    private(set) var connecting = 0
    private(set) var busy = 0

    init(maximumConnections: Int, maximumWaiting: Int, maximumIdle: Int, spare: Int = 0) {
        self.maximumConnections = maximumConnections
        self.maximumWaiting = maximumWaiting
        self.maximumIdle = maximumIdle
        self.spare = spare
    }

    /// Someone needs a connection; a `fresh` one is none of the idle, and its waiter goes to the queue's head.
    mutating func demand(_ waiter: Waiter, fresh: Bool = false) -> Demand {
        if !fresh, let last = idle.popLast() {
            busy += 1
            return .use(last.connection, since: last.since)
        }
        guard fresh || waiting.count < maximumWaiting else { return .refuse }
        if fresh { waiting.prepend(waiter) } else { waiting.append(waiter) }
        return opensOne() ? .connect : .wait
    }

    /// A new connection is ready.
    mutating func didConnect(_ connection: Connection, now: NIODeadline) -> Availability {
        connecting -= 1
        return offer(connection, now: now)
    }

    /// A busy connection is free again.
    mutating func didRelease(_ connection: Connection, now: NIODeadline) -> Availability {
        busy -= 1
        return offer(connection, now: now)
    }

    /// A connection that was neither idle nor busy may be used again.
    mutating func adopt(_ connection: Connection, now: NIODeadline) -> Availability {
        offer(connection, now: now)
    }

    /// A connection could not be made: the first in the queue fails with it, and the next may try.
    mutating func didFailToConnect() -> (failed: Waiter?, connect: Bool) {
        connecting -= 1
        let failed = waiting.popFirst()
        return (failed, opensOne())
    }

    /// A busy connection closed; true means that another one shall be opened for those who wait.
    mutating func didCloseBusy() -> Bool {
        busy -= 1
        return opensOne()
    }

    /// An idle connection closed; true as in `didCloseBusy`.
    mutating func didCloseIdle(_ connection: Connection) -> Bool {
        guard let index = idle.lastIndex(where: { $0.connection === connection }) else { return false }
        idle.remove(at: index)
        return opensOne()
    }

    /// Takes someone out of the queue.
    mutating func withdraw(_ waiter: Waiter) {
        guard let index = waiting.firstIndex(where: { $0 === waiter }) else { return }
        waiting.remove(at: index)
    }

    /// Takes out what has been idle since before `limit`, for the caller to close.
    mutating func expire(idleSince limit: NIODeadline) -> [Connection] {
        let count = idle.firstIndex { $0.since > limit } ?? idle.count
        defer { idle.removeFirst(count) }
        return idle.prefix(count).map(\.connection)
    }

    /// Whether to open a connection that nobody waits for yet, so that the next exchange finds one; it counts as begun.
    mutating func opensSpare() -> Bool {
        guard busy > 0, waiting.isEmpty, idle.count + connecting < spare else { return false }
        guard connecting + busy + idle.count < maximumConnections else { return false }
        connecting += 1
        return true
    }

    private mutating func offer(_ connection: Connection, now: NIODeadline) -> Availability {
        if let next = waiting.popFirst() {
            busy += 1
            return .serve(next)
        }
        guard idle.count < maximumIdle else { return .close }
        idle.append(Idle(connection: connection, since: now))
        return .keep
    }

    private mutating func opensOne() -> Bool {
        guard connecting < waiting.count, connecting + busy + idle.count < maximumConnections else { return false }
        connecting += 1
        return true
    }
}
