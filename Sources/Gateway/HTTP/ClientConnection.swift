import Dialects
import NIOCore
import NIOHTTP1
import Providers

/// One client's connection: takes requests off it one at a time and gives each to an `Exchange`.
///
/// A client that sends ahead of the running exchange is read once, into `ahead`, and then no more until the exchange
/// is over. One that waits for its answer, as nearly all do, stays readable, so that its leaving is seen at once.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// No request in sight; since when.
        case idle(NIODeadline)
        /// Bytes of a head have come; since when.
        case head(NIODeadline)
        /// The head is whole and the body is being read; since when.
        case body(NIODeadline)
        /// The answer went down before the body was whole; the short rest is thrown away; since when.
        case discarding(NIODeadline)
        /// A request is whole and its exchange runs.
        case exchanging
        /// The last answer is on its way to the system; nothing more is wanted of the client.
        case flushing
        /// The system has the last answer; what still comes is thrown away until the client closes; since when.
        case closing(NIODeadline)
    }

    let loop: LoopContext
    private(set) var context: ChannelHandlerContext?
    private var phase: Phase
    private var exchange: Exchange?
    private var ahead = CircularBuffer<HTTPServerRequestPart>()
    private var holdsRead = false
    private var writer = ResponseWriter()
    private var keepsAlive = true
    private var isHead = false
    private var version = HTTPVersion.http1_1
    private var unwritableSince: NIODeadline?
    /// What waited to be sent when it was last looked at, so that a slow reader is told from one that stands still.
    private var unsent = 0
    /// Whether the client may still be sending when the last answer is written.
    private var lingers = false
    /// The `Host` of this connection that was found good; a client hardly ever changes it.
    var checkedHost: String?

    init(loop: LoopContext) {
        self.loop = loop
        phase = .idle(.now())
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.insert(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.remove(self)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .exchanging = phase { return ahead.append(part) }
        take(part)
    }

    func read(context: ChannelHandlerContext) {
        if ahead.isEmpty { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        if case .flushing = phase {} else { unwritableSince = isWritable ? nil : .now() }
        exchange?.clientWritabilityDidChange(isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing(.now())
        ahead.removeAll()
        exchange?.clientDidLeave()
        exchange = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        // The client left in the middle of its request, as the end of the connection will say.
        if case .invalidEOFState = error { return }
        let refusal = Refusal(parserError: error)
        switch phase {
        case .exchanging, .flushing: keepsAlive = false
        case .body: exchange?.refuse(refusal)
        case .closing, .discarding: context.close(promise: nil)
        case .idle, .head:
            keepsAlive = false
            begin(Exchange(on: self)) { $0.refuse(refusal) }
        }
    }

    // MARK: Requests

    private func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            switch phase {
            case .flushing, .closing: break
            default: start(head)
            }
        case .body(let bytes):
            exchange?.receive(bytes)
        case .end:
            if case .discarding = phase { phase = .idle(.now()) }
            guard let exchange else { return }
            phase = .exchanging
            exchange.receiveEnd()
        }
    }

    private func start(_ head: HTTPRequestHead) {
        phase = .body(.now())
        keepsAlive = head.isKeepAlive && !loop.isDraining
        isHead = head.method == .HEAD
        version = head.version
        begin(Exchange(on: self)) { exchange in
            exchange.receiveHead(
                method: head.method.rawValue,
                target: head.uri,
                fields: Fields(httpHeaders: head.headers)
            )
        }
    }

    private func begin(_ exchange: Exchange, _ action: (Exchange) -> Void) {
        self.exchange = exchange
        action(exchange)
    }

    // MARK: What an exchange does to its client

    /// Whether the request came in HTTP/1.0, which knows no chunks.
    var speaksOldHTTP: Bool { version.minor == 0 }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Closes after the running exchange.
    ///
    /// An offer to upgrade makes the decoder stop after its request, taken up or not.
    func closeAfterwards() { keepsAlive = false }

    /// Tells a client that waits for it to send its body.
    func writeContinue() {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Writes the response's head; without a `Content-Length` the body goes chunked.
    func writeHead(status: Int, fields: Fields, closes: Bool) {
        // Without chunks and without a length only the connection's end tells where the body ends.
        if closes || (speaksOldHTTP && !fields.contains("content-length")) { keepsAlive = false }
        writer.begin(status: status, fields: fields, version: version, keepsAlive: keepsAlive, isHead: isHead)
    }

    func writeBody(_ bytes: ByteBuffer) {
        guard let context else { return }
        writer.append(bytes) { context.write(wrapOutboundOut($0), promise: nil) }
    }

    func flush() {
        guard let context else { return }
        if let bytes = writer.take() {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } else {
            context.flush()
        }
    }

    /// Ends the response and makes ready for the next request, or closes.
    func finish(_ finished: Exchange) {
        guard let context, exchange === finished else { return }
        exchange = nil
        isHead = false
        writer.end()
        guard keepsAlive, !loop.isDraining else {
            if case .exchanging = phase { lingers = !ahead.isEmpty } else { lingers = true }
            beginFlushing(context)
            context.writeAndFlush(wrapOutboundOut(writer.take() ?? ByteBuffer())).whenComplete {
                [loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)] _ in
                loopBound.value.closeGently()
            }
            return
        }
        flush()
        if case .body = phase {
            phase = .discarding(.now())
        } else {
            phase = .idle(.now())
            resume(context)
        }
    }

    /// Breaks the response off so that the client cannot take it for whole.
    func abort() {
        exchange = nil
        phase = .closing(.now())
        context?.close(promise: nil)
    }

    // MARK: Time and end

    /// Closes what took too long; called by the loop a few times a second.
    func check(_ now: NIODeadline, _ limits: Limits) {
        if let since = unwritableSince, standsStill(now, since, limits.writeTimeout.timeAmount) {
            context?.close(promise: nil)
            return
        }
        switch phase {
        case .flushing where unsent == 0 && exchange == nil: context?.close(promise: nil)
        case .idle(let since) where now - since > limits.keepAliveTimeout.timeAmount: context?.close(promise: nil)
        case .head(let since) where now - since > limits.headTimeout.timeAmount:
            keepsAlive = false
            begin(Exchange(on: self)) { $0.refuse(Self.slow("head")) }
        case .body(let since) where now - since > limits.bodyTimeout.timeAmount: exchange?.refuse(Self.slow("body"))
        case .discarding(let since) where now - since > limits.bodyTimeout.timeAmount: context?.close(promise: nil)
        case .closing(let since) where now - since > Self.linger: context?.close(promise: nil)
        default: break
        }
    }

    /// Bytes have come that belong to a new request if none is under way.
    func bytesArrived() {
        if case .idle = phase { phase = .head(.now()) }
    }

    /// Closes now if nothing runs, and otherwise after the running exchange.
    func drain() {
        keepsAlive = false
        guard case .idle = phase, let context else { return }
        beginFlushing(context)
        if unsent == 0 { context.close(promise: nil) }
    }

    /// Whether an answer is still on its way to the client.
    var isFinishing: Bool {
        switch phase {
        case .flushing, .closing: true
        default: false
        }
    }

    private func beginFlushing(_ context: ChannelHandlerContext) {
        phase = .flushing
        unsent = Self.unsentBytes(context)
        if unwritableSince == nil { unwritableSince = .now() }
    }

    /// Whether the client has taken nothing for longer than `limit`; a slow one that takes a little is given more time.
    private func standsStill(_ now: NIODeadline, _ since: NIODeadline, _ limit: TimeAmount) -> Bool {
        guard let context else { return true }
        let left = Self.unsentBytes(context)
        if left != unsent {
            unsent = left
            unwritableSince = now
            return false
        }
        return now - since > limit
    }

    /// What waits in the channel for the system to take it.
    private static func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        // A channel that does not know has nothing to wait for.
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private static func slow(_ part: String) -> Refusal {
        Refusal(.tooSlow, "The request's \(part) did not arrive in time.").closing()
    }

    /// Says that nothing more comes, and leaves the client time to read the answer: it may still be sending, and a
    /// reset would take the answer from it.
    private func closeGently() {
        guard let context else { return }
        unwritableSince = nil
        guard lingers else { return context.close(promise: nil) }
        phase = .closing(.now())
        context.close(mode: .output).whenFailure { [bound = NIOLoopBound(context, eventLoop: context.eventLoop)] _ in
            bound.value.close(promise: nil)
        }
        if holdsRead {
            holdsRead = false
            context.read()
        }
    }

    private static let linger = TimeAmount.seconds(2)

    private func resume(_ context: ChannelHandlerContext) {
        while !ahead.isEmpty {
            if case .exchanging = phase { return }
            take(ahead.removeFirst())
        }
        if case .exchanging = phase { return }
        guard holdsRead, ahead.isEmpty else { return }
        holdsRead = false
        context.read()
    }
}
