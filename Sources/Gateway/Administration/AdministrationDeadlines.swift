import NIOCore
import NIOHTTPTypes

/// What a client of the administration is waited for, and how long; the times are those of the public listener.
struct AdministrationPatience: Sendable, Hashable {
    /// What is waited for.
    enum Wait: Sendable, Hashable {
        /// A whole head, also on a connection that was kept.
        case head
        /// The rest of a body.
        case body
        /// That the client takes the answer.
        case reading
    }

    /// Requests of which the head came and the answer is not all gone.
    private var requests = 0
    private var isReadingBody = false
    private var isAnswering = false

    /// What is waited for now; nil while the gateway itself is at work.
    var wait: Wait? {
        if isReadingBody { return .body }
        if isAnswering { return .reading }
        return requests == 0 ? .head : nil
    }

    mutating func didReadHead() {
        requests += 1
        isReadingBody = true
    }

    mutating func didReadEnd() { isReadingBody = false }

    mutating func willAnswer() { isAnswering = true }

    /// The client, or the system for it, has all of an answer.
    mutating func didAnswer() {
        isAnswering = false
        requests = max(0, requests - 1)
    }
}

/// Closes a connection of the administration whose client lets it wait for too long (F22).
final class AdministrationDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: Limits
    private var patience = AdministrationPatience()
    private var deadline: (wait: AdministrationPatience.Wait, task: Scheduled<Void>)?

    init(_ limits: Limits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { look(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelActive(context: ChannelHandlerContext) {
        look(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head: patience.didReadHead()
        case .body: break
        case .end: patience.didReadEnd()
        }
        look(context)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head:
            patience.willAnswer()
            look(context)
            context.write(data, promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let written = promise ?? context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.patience.didAnswer()
                handler.look(context)
            }
            context.write(data, promise: written)
        }
    }

    /// Waits for what has to be waited for now, if that is another thing than before.
    private func look(_ context: ChannelHandlerContext) {
        let wait = patience.wait
        guard wait != deadline?.wait else { return }
        stop()
        guard let wait, context.channel.isActive else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(in: TimeAmount(limit(of: wait))) { bound.value.close(promise: nil) }
        deadline = (wait, task)
    }

    private func stop() {
        deadline?.task.cancel()
        deadline = nil
    }

    private func limit(of wait: AdministrationPatience.Wait) -> Duration {
        switch wait {
        case .head: limits.headTimeout
        case .body: limits.bodyTimeout
        case .reading: limits.writeTimeout
        }
    }
}
