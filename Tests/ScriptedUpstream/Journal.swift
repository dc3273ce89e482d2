import NIOCore
import Synchronization

/// What the scripted upstream has seen, for any thread to read and to wait on.
final class Journal: Sendable {
    struct Record {
        var accepted = 0
        var open: [Int: any Channel] = [:]
        var requests: [ReceivedRequest] = []
        var written = 0
    }

    private struct Waiter {
        let condition: @Sendable (Record) -> Bool
        let promise: EventLoopPromise<Void>
    }

    private struct State {
        var record = Record()
        var waiters: [Waiter] = []
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var snapshot: Record { state.withLock { $0.record } }

    /// Changes the record, and wakes whoever waited for that.
    @discardableResult
    func note<Result: Sendable>(_ change: (inout Record) -> Result) -> Result {
        let (result, ready) = state.withLock { state in
            let result = change(&state.record)
            let split = state.waiters.partition { $0.condition(state.record) }
            let ready = Array(state.waiters[split...])
            state.waiters.removeSubrange(split...)
            return (result, ready)
        }
        for waiter in ready { waiter.promise.succeed() }
        return result
    }

    func wait(
        within limit: Duration,
        for what: String,
        _ condition: @escaping @Sendable (Record) -> Bool
    ) async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        let isMet = state.withLock { state in
            if !condition(state.record) { state.waiters.append(Waiter(condition: condition, promise: promise)) }
            return condition(state.record)
        }
        if isMet { promise.succeed() }
        let deadline = eventLoop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(ScriptedUpstreamError.missed(what))
        }
        defer { deadline.cancel() }
        try await promise.futureResult.get()
    }

    func closeAll() {
        for channel in snapshot.open.values { channel.close(promise: nil) }
    }
}
