import NIOCore
import NIOPosix
import Synchronization

/// A value that any thread may change and that a test can wait on, with a deadline and without sleeping.
final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let condition: @Sendable (Value) -> Bool
        let promise: EventLoopPromise<Void>
    }

    private struct State {
        var value: Value
        var waiters: [Waiter] = []
    }

    private let state: Mutex<State>

    init(_ value: Value) { state = Mutex(State(value: value)) }

    var value: Value { state.withLock { $0.value } }

    /// Changes the value and wakes whoever waited for that.
    func change(_ body: (inout Value) -> Void) {
        let ready = state.withLock { state in
            body(&state.value)
            let split = state.waiters.partition { $0.condition(state.value) }
            let ready = Array(state.waiters[split...])
            state.waiters.removeSubrange(split...)
            return ready
        }
        for waiter in ready { waiter.promise.succeed() }
    }

    /// Waits until the condition holds, and gives back the value as it is then.
    @discardableResult
    func wait(
        for what: String,
        within limit: Duration = .seconds(20),
        _ condition: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = eventLoop.makePromise(of: Void.self)
        let isMet = state.withLock { state in
            let isMet = condition(state.value)
            if !isMet { state.waiters.append(Waiter(condition: condition, promise: promise)) }
            return isMet
        }
        if isMet { promise.succeed() }
        let deadline = eventLoop.scheduleTask(in: TimeAmount(limit)) { promise.fail(Missed(what: what)) }
        defer { deadline.cancel() }
        try await promise.futureResult.get()
        return value
    }
}

/// Something did not happen before its deadline.
struct Missed: Error, CustomStringConvertible {
    let what: String

    var description: String { "missed: \(what)" }
}

/// Asks again and again until an answer is there, for what nobody can announce.
func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(20),
    _ ask: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if let value = try await ask() { return value }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw Missed(what: what)
}

/// Lets so many through at a time, so that a suite that runs in parallel does not starve its own deadlines.
final class Turnstile: Sendable {
    static let gateways = Turnstile(places: 12)

    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(free: places)) }

    func enter() async {
        await withCheckedContinuation { continuation in
            let mayGo = state.withLock { state in
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if mayGo { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
