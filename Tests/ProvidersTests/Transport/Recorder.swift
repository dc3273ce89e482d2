import NIOCore
import Synchronization
import Testing

@testable import Providers

/// Keeps what an exchange heard, for a test's task to wait on.
final class Recorder: UpstreamResponder, Sendable {
    struct State {
        var heads = 0
        var response = Response(status: 0, fields: Fields(), body: "")
        var bytes: [UInt8] = []
        var reads = 0
        var ended = false
        var failure: TransportFailure?
        var calls = 0
    }

    private struct Waiter {
        let condition: @Sendable (State) -> Bool
        let promise: EventLoopPromise<Void>
    }

    let eventLoop: any EventLoop
    private let state = Mutex((state: State(), waiters: [Waiter]()))
    private let held: NIOLoopBoundBox<UpstreamExchange?>
    /// Runs inside the matching call, on the loop.
    let onHead: NIOLoopBoundBox<(UpstreamExchange) -> Void>
    let onBody: NIOLoopBoundBox<(UpstreamExchange) -> Void>
    let onEnd: NIOLoopBoundBox<() -> Void>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        held = NIOLoopBoundBox(nil, eventLoop: eventLoop)
        onHead = NIOLoopBoundBox({ _ in }, eventLoop: eventLoop)
        onBody = NIOLoopBoundBox({ _ in }, eventLoop: eventLoop)
        onEnd = NIOLoopBoundBox({}, eventLoop: eventLoop)
    }

    /// On the loop only.
    var exchange: UpstreamExchange? {
        get { held.value }
        set { held.value = newValue }
    }

    var snapshot: State { state.withLock { $0.state } }

    func cancel() async throws {
        try await eventLoop.submit { self.exchange?.cancel() }.get()
    }

    func setReading(_ reading: Bool) async throws {
        try await eventLoop.submit { self.exchange?.setReading(reading) }.get()
    }

    func bytesSent() async throws -> Bool {
        try await eventLoop.submit { self.exchange?.bytesSent ?? false }.get()
    }

    func wait(_ condition: @escaping @Sendable (State) -> Bool) async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        let isMet = state.withLock { pair in
            if !condition(pair.state) { pair.waiters.append(Waiter(condition: condition, promise: promise)) }
            return condition(pair.state)
        }
        if isMet { promise.succeed() }
        let deadline = eventLoop.scheduleTask(in: .seconds(10)) {
            promise.fail(ChannelError.connectTimeout(.seconds(10)))
        }
        defer { deadline.cancel() }
        try await promise.futureResult.get()
    }

    func response() async throws -> Response {
        try await wait { $0.ended || $0.failure != nil }
        let state = snapshot
        if let failure = state.failure { throw failure }
        var response = state.response
        response.body = String(decoding: state.bytes, as: UTF8.self)
        return response
    }

    func failure() async throws -> TransportFailure {
        try await wait { $0.ended || $0.failure != nil }
        return try #require(snapshot.failure)
    }

    func upstreamDidReceiveHead(status: Int, fields: Fields) {
        note {
            $0.heads += 1
            $0.response.status = status
            $0.response.fields = fields
        }
        if let exchange { onHead.value(exchange) }
    }

    func upstreamDidReceiveBody(_ bytes: ByteBuffer) {
        note { $0.bytes.append(contentsOf: bytes.readableBytesView) }
        if let exchange { onBody.value(exchange) }
    }

    func upstreamDidCompleteRead() {
        note { $0.reads += 1 }
    }

    func upstreamDidEnd() {
        note { $0.ended = true }
        onEnd.value()
    }

    func upstreamDidFail(_ failure: TransportFailure) {
        note { $0.failure = failure }
        onEnd.value()
    }

    private func note(_ change: (inout State) -> Void) {
        let ready = state.withLock { pair in
            pair.state.calls += 1
            change(&pair.state)
            let now = pair.state
            let split = pair.waiters.partition { $0.condition(now) }
            let ready = Array(pair.waiters[split...])
            pair.waiters.removeSubrange(split...)
            return ready
        }
        for waiter in ready { waiter.promise.succeed() }
    }
}
