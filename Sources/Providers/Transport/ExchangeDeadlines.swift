import NIOCore

/// When an exchange has waited too long, by phase; a value that is asked at each tick.
struct ExchangeDeadlines {
    enum Phase {
        /// No connection yet.
        case waiting
        /// From the request's first byte to the response's head; starts anew when the last byte was written.
        case awaitingHead
        /// Inside the body.
        case reading
        /// The responder does not want more now, so that silence is not the upstream's fault.
        case paused
    }

    private(set) var phase = Phase.waiting
    private var phaseEnd: NIODeadline
    private let end: NIODeadline
    private let firstByte: TimeAmount
    private let idle: TimeAmount

    /// Adds `slack`, by which `now` may lag behind, so that no deadline passes early.
    init(_ timeouts: Timeouts, now: NIODeadline, slack: TimeAmount) {
        phaseEnd = now + TimeAmount(timeouts.connect) + slack
        end = now + TimeAmount(timeouts.total) + slack
        firstByte = TimeAmount(timeouts.firstByte) + slack
        idle = TimeAmount(timeouts.idle) + slack
    }

    mutating func begin(_ phase: Phase, now: NIODeadline) {
        self.phase = phase
        switch phase {
        case .waiting: break
        case .awaitingHead: phaseEnd = now + firstByte
        case .reading: phaseEnd = now + idle
        case .paused: phaseEnd = .distantFuture
        }
    }

    /// Which deadline has passed, if any.
    func passed(at now: NIODeadline) -> TransportFailure.Kind? {
        if now >= end { return .totalTimedOut }
        guard now >= phaseEnd else { return nil }
        switch phase {
        case .waiting: return .connectTimedOut
        case .awaitingHead: return .firstByteTimedOut
        case .reading: return .idleTimedOut
        case .paused: return nil
        }
    }
}
