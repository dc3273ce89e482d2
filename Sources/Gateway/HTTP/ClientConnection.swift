import Dialects
import NIOCore
import Providers

/// One client's connection: takes requests off it one at a time and gives each to an `Exchange`.
///
/// What a client sends ahead of the running exchange is read once, stays in the decoder, and is followed by no more
/// until the exchange is over. One that waits for its answer, as nearly all do, stays readable, so that its leaving is seen at once.
final class ClientConnection: ChannelDuplexHandler, RemovableChannelHandler, ExchangeClient, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
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
        /// HTTP has ended here, and another handler takes over what came behind it.
        case upgraded
    }

    let loop: LoopContext
    private(set) var context: ChannelHandlerContext?
    private var phase: Phase
    private var exchange: Exchange?
    private var decoder: RequestDecoder
    private var isDecoding = false
    private var holdsRead = false
    private var writer = ResponseWriter()
    private var keepsAlive = true
    private var isHead = false
    private var minorVersion = 1
    private var stall = WriteStall()
    /// Whether the client may still be sending when the last answer is written.
    private var lingers = false
    /// What the client has shown, once somebody has asked for it.
    private var shownCertificate: ClientCertificate??

    init(loop: LoopContext) {
        self.loop = loop
        let limits = loop.snapshot.settings.limits
        decoder = RequestDecoder(headBytes: limits.fieldBytes, fields: limits.fields)
        phase = .idle(loop.now)
    }

    var remoteAddress: SocketAddress? { context?.channel.remoteAddress }
    var exchangeUnderWay: Exchange? { exchange }

    var certificate: ClientCertificate? {
        guard loop.snapshot.settings.clientCertificates != nil, let context else { return nil }
        if let shownCertificate { return shownCertificate }
        let found = ClientCertificate.presented(in: context.pipeline.syncOperations)
        shownCertificate = .some(found)
        return found
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
        decoder.append(unwrapInboundIn(data))
        if case .idle = phase { phase = .head(loop.now) }
        decode()
    }

    func read(context: ChannelHandlerContext) {
        if isAhead { holdsRead = true } else { context.read() }
    }

    /// Whether the client has sent more than the running exchange's request.
    private var isAhead: Bool {
        switch phase {
        case .exchanging: decoder.hasBytes
        case .body where exchange?.isAuthenticating == true: decoder.hasBytes
        default: false
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        if case .flushing = phase {} else { stall.writabilityDidChange(isWritable, now: loop.now) }
        exchange?.clientWritabilityDidChange(isWritable)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing(loop.now)
        decoder.discard()
        exchange?.clientDidLeave()
        exchange = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Requests

    /// Reads what has arrived, up to the end of one request.
    private func decode() {
        guard !isDecoding else { return }
        isDecoding = true
        defer { isDecoding = false }
        do throws(HTTPSyntaxError) {
            while takesRequests, let part = try decoder.next() { take(part) }
        } catch {
            decoder.discard()
            refuse(Refusal(error))
        }
        if case .upgraded = phase { leave() }
    }

    private var takesRequests: Bool {
        switch phase {
        case .idle, .head, .discarding: return true
        case .body: return exchange?.isAuthenticating != true
        case .exchanging, .upgraded: return false
        case .flushing, .closing:
            decoder.discard()
            return false
        }
    }

    /// The bytes are no request: the one answer that is still possible.
    private func refuse(_ refusal: Refusal) {
        switch phase {
        case .exchanging, .flushing, .upgraded: keepsAlive = false
        case .body: exchange?.refuse(refusal)
        case .closing, .discarding: context?.close(promise: nil)
        case .idle, .head:
            keepsAlive = false
            begin(Exchange(on: self)) { $0.refuse(refusal) }
        }
    }

    private func take(_ part: RequestDecoder.Part) {
        switch part {
        case .head(let request): start(request)
        case .body(let bytes):
            exchange?.receive(bytes)
        case .end:
            if case .discarding = phase { phase = .idle(loop.now) }
            guard let exchange else { return }
            phase = .exchanging
            exchange.receiveEnd()
        }
    }

    private func start(_ request: IncomingRequest) {
        phase = .body(loop.now)
        keepsAlive = request.keepsAlive && !loop.isDraining
        isHead = request.method == "HEAD"
        minorVersion = request.minorVersion
        begin(Exchange(on: self)) { exchange in
            exchange.receiveHead(method: request.method, target: request.target, fields: request.fields)
        }
    }

    private func begin(_ exchange: Exchange, _ action: (Exchange) -> Void) {
        self.exchange = exchange
        action(exchange)
    }

    // MARK: What an exchange does to its client

    /// Whether the request came in HTTP/1.0, which knows no chunks.
    private var speaksOldHTTP: Bool { minorVersion == 0 }

    var isWritable: Bool { context?.channel.isWritable ?? false }
    var peer: String { context?.remoteAddress?.ipAddress ?? "" }

    /// Does nothing for HTTP/1.0, which knows of no waiting.
    func writeContinue() {
        guard let context, !speaksOldHTTP else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    /// Takes what has come of the request while it was being found out who asks.
    func goOnReading() {
        guard let context else { return }
        decode()
        guard holdsRead, !isAhead else { return }
        holdsRead = false
        context.read()
    }

    /// Writes the response's head; without a `Content-Length` the body goes chunked.
    func writeHead(status: Int, fields: Fields, closes: Bool) {
        // Without chunks and without a length only the connection's end tells where the body ends.
        if closes || (speaksOldHTTP && !fields.contains("content-length")) { keepsAlive = false }
        writer.begin(status: status, fields: fields, minorVersion: minorVersion, keepsAlive: keepsAlive, isHead: isHead)
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
            if case .exchanging = phase { lingers = decoder.hasBytes } else { lingers = true }
            beginFlushing(context)
            context.writeAndFlush(wrapOutboundOut(writer.take() ?? ByteBuffer())).whenComplete {
                [loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)] _ in
                loopBound.value.closeGently()
            }
            return
        }
        flush()
        if case .body = phase {
            phase = .discarding(loop.now)
        } else {
            phase = .idle(loop.now)
            resume(context)
        }
    }

    /// Puts a WebSocket's handler in the place of this one; HTTP/1.0 knows of no such change.
    func upgrade(_ client: AdmittedClient, _ answer: ByteBuffer) -> Bool {
        guard let context, case .exchanging = phase, minorVersion > 0 else { return false }
        do {
            let next = WebSocketConnection(loop: loop, client: client)
            try context.pipeline.syncOperations.addHandler(next, position: .after(self))
        } catch {
            return false
        }
        exchange = nil
        phase = .upgraded
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        return true
    }

    /// Hands over what came behind the last request, and goes.
    private func leave() {
        guard let context else { return }
        if decoder.hasBytes { context.fireChannelRead(wrapInboundOut(decoder.takeRest())) }
        if holdsRead { context.read() }
        holdsRead = false
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Breaks the response off so that the client cannot take it for whole.
    func abort() {
        exchange = nil
        phase = .closing(loop.now)
        context?.close(promise: nil)
    }

    /// Ends what still runs in the client's own dialect, as far as it takes that at once, and closes.
    func stop() {
        exchange?.stop()
        abort()
    }

    // MARK: Time and end

    /// Closes what took too long; called by the loop a few times a second.
    func check(_ now: NIODeadline, _ limits: Limits) {
        if let context, stall.isOver(now, limits.writeTimeout.timeAmount, context.channel) {
            context.close(promise: nil)
            return
        }
        switch phase {
        case .flushing where stall.isEmpty && exchange == nil: context?.close(promise: nil)
        case .idle(let since) where now - since > limits.keepAliveTimeout.timeAmount: context?.close(promise: nil)
        case .head(let since) where now - since > limits.headTimeout.timeAmount:
            keepsAlive = false
            begin(Exchange(on: self)) { $0.refuse(Self.slow("head")) }
        case .exchanging: exchange?.check(now)
        case .body(let since) where now - since > limits.bodyTimeout.timeAmount: exchange?.refuse(Self.slow("body"))
        case .discarding(let since) where now - since > limits.bodyTimeout.timeAmount: context?.close(promise: nil)
        case .closing(let since) where now - since > Self.linger: context?.close(promise: nil)
        default: break
        }
    }

    func identitiesDidChange() { exchange?.identitiesDidChange() }

    /// Closes now if nothing runs, and otherwise after the running exchange.
    func drain() {
        keepsAlive = false
        guard case .idle = phase, let context else { return }
        beginFlushing(context)
        if stall.isEmpty { context.close(promise: nil) }
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
        stall.begin(context.channel, now: loop.now)
    }

    private static func slow(_ part: String) -> Refusal {
        Refusal(.tooSlow, "The request's \(part) did not arrive in time.").closing()
    }

    /// Says that nothing more comes, and leaves the client time to read the answer: it may still be sending, and a
    /// reset would take the answer from it.
    private func closeGently() {
        guard let context else { return }
        stall.end()
        guard lingers else { return context.close(promise: nil) }
        phase = .closing(loop.now)
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
        if decoder.hasBytes {
            phase = .head(loop.now)
            decode()
        }
        guard holdsRead, !isAhead else { return }
        holdsRead = false
        context.read()
    }
}
