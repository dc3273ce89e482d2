import Dialects
import NIOCore
import Synchronization

/// Measures for all event loops how much there is to do, and counts what is turned away for it (F21).
///
/// Loops ask a few times a second and keep the answer; no request takes the lock.
final class OverloadControl: Sendable {
    private struct State {
        var settings: OverloadSettings
        var memory: OverloadStateMachine
        var loops: [ObjectIdentifier: OverloadStateMachine] = [:]
    }

    private let state: Mutex<State>
    private let shedCount = Atomic<Int>(0)

    init(_ settings: OverloadSettings) {
        state = Mutex(State(settings: settings, memory: OverloadStateMachine(settings)))
    }

    /// Judges by other limits from now on, and forgets what was measured.
    func adopt(_ settings: OverloadSettings) {
        state.withLock { state in
            guard state.settings != settings else { return }
            state = State(settings: settings, memory: OverloadStateMachine(settings))
        }
    }

    /// Whether memory has to be measured at all.
    var boundsMemory: Bool { state.withLock { $0.settings.memory != nil } }

    /// Takes the lateness of one loop; gives why it has to turn new requests away.
    func note(lag: TimeAmount, of loop: ObjectIdentifier) -> OverloadReason? {
        state.withLock { state in
            var machine = state.loops[loop] ?? OverloadStateMachine(state.settings)
            machine.note(lag: .nanoseconds(max(0, lag.nanoseconds)))
            state.loops[loop] = machine
            return state.memory.reason ?? machine.reason
        }
    }

    /// Takes the bytes that the process has in memory.
    func note(memory bytes: Int) {
        state.withLock { $0.memory.note(memory: bytes) }
    }

    /// The answer to a request that is turned away, which is counted; those that come at once are told different times.
    func refusal(_ reason: OverloadReason) -> Refusal {
        let number = shedCount.add(1, ordering: .relaxed).newValue
        let words =
            switch reason {
            case .loopLag: "The gateway has more to do than it can. Try again."
            case .memory: "The gateway is short of memory. Try again."
            }
        return Refusal(.overloaded, words, retryAfter: Double(1 + number % 4))
    }

    /// How many requests were turned away.
    var shed: Int { shedCount.load(ordering: .relaxed) }

    /// Why any loop turns new requests away.
    var reason: OverloadReason? {
        state.withLock { state in state.memory.reason ?? state.loops.values.lazy.compactMap(\.reason).first }
    }

    /// The lateness of one loop.
    func lag(of loop: ObjectIdentifier) -> Duration { state.withLock { $0.loops[loop]?.lag ?? .zero } }

    /// The lateness of the latest of all loops.
    var lag: Duration { state.withLock { state in state.loops.values.map(\.lag).max() ?? .zero } }
}
