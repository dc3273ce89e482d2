import NIOCore

/// One client's connection from its handshake on: frames in and out, their deadlines, and the close on both sides.
///
/// What the messages mean is its session's. While the client cannot take more, nothing is read of it either, so that
/// what it is answered stays bounded.
final class WebSocketConnection: ChannelDuplexHandler, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        /// A close frame has gone down; the client's own is waited for; since when.
        case closing(NIODeadline)
        case closed
    }

    let loop: LoopContext
    /// What the client showed in its TLS handshake.
    let certificate: ClientCertificate?
    /// The tenant's, among whose bodies an unfinished message counts.
    private let load: TenantLoad?
    private var context: ChannelHandlerContext?
    private var session: ResponsesSession?
    private var phase = Phase.open
    private var reader: FrameReader
    private var writer = FrameWriter()
    private var stall = WriteStall()
    private var holdsRead = false
    /// Since when a frame or a message comes that is not whole.
    private var unfinishedSince: NIODeadline?
    /// What the unfinished message has of the budget for all bodies.
    private var reservedBytes = 0

    init(loop: LoopContext, client: AdmittedClient) {
        self.loop = loop
        certificate = client.certificate
        load = client.identity.principal?.load
        reader = FrameReader(limit: loop.snapshot.settings.limits.body)
        session = ResponsesSession(client, on: self)
    }

    var exchangeUnderWay: Exchange? { session?.exchangeUnderWay }

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
        guard case .closed = phase else { return take(unwrapInboundIn(data)) }
    }

    func read(context: ChannelHandlerContext) {
        if isWritable { context.read() } else { holdsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall.writabilityDidChange(isWritable, now: loop.now)
        session?.writabilityDidChange(isWritable)
        guard isWritable, holdsRead else { return }
        holdsRead = false
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: What comes

    private func take(_ bytes: ByteBuffer) {
        reader.append(bytes)
        do throws(FrameFault) {
            while case .open = phase, let part = try reader.next() { take(part) }
            // While the close is on its way only the client's own close counts.
            while case .closing = phase, let part = try reader.next() { if case .close = part { closeNow() } }
            try reserve()
        } catch {
            if case .open = phase { close(error.code, error.reason) } else { closeNow() }
        }
        unfinishedSince = reader.isUnfinished ? unfinishedSince ?? loop.now : nil
    }

    private func take(_ part: FrameReader.Part) {
        switch part {
        case .text(let message):
            unfinishedSince = nil
            giveBack()
            session?.receive(message)
        case .ping(let payload):
            writer.control(.pong, payload)
            flush()
        case .pong: break
        case .close(let code):
            end()
            phase = .closing(loop.now)
            writer.close(code)
            flush()
            closeNow()
        }
    }

    /// Counts what an unfinished message holds among all bodies.
    private func reserve() throws(FrameFault) {
        let wanted = reader.heldBytes - reservedBytes
        guard wanted > 0 else { return }
        guard loop.shared.bodyBudget.take(wanted, for: load) else {
            throw FrameFault(.tryAgainLater, "the gateway holds as many messages as it may")
        }
        reservedBytes += wanted
    }

    private func giveBack() {
        loop.shared.bodyBudget.giveBack(reservedBytes, for: load)
        reservedBytes = 0
    }

    // MARK: What a session does to its client

    var remoteAddress: SocketAddress? { context?.channel.remoteAddress }

    var isWritable: Bool { context?.channel.isWritable ?? false }
    var peer: String { context?.remoteAddress?.ipAddress ?? "" }

    /// Writes a message; it goes out with the next `flush`.
    func write(_ message: ByteBuffer) {
        guard let context, case .open = phase else { return }
        writer.text(message) { context.write(wrapOutboundOut($0), promise: nil) }
    }

    /// Asks the client's end for a sign of life, which is one to it.
    func ping() {
        guard case .open = phase else { return }
        writer.control(.ping)
        flush()
    }

    func flush() {
        guard let context else { return }
        if let bytes = writer.take() {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } else {
            context.flush()
        }
    }

    /// Says why nothing more comes, ends what runs, and leaves the client time to say that it has heard.
    func close(_ code: CloseCode, _ reason: String) {
        guard case .open = phase else { return }
        writer.close(code.rawValue, reason)
        flush()
        phase = .closing(loop.now)
        end()
    }

    /// Lets go of the session and of what runs in it.
    private func end() {
        reader.discard()
        giveBack()
        unfinishedSince = nil
        session?.clientDidLeave()
        session = nil
    }

    private func closeNow() {
        phase = .closed
        guard let context else { return }
        // Behind what is still to be written.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete {
            [bound = NIOLoopBound(context, eventLoop: context.eventLoop)] _ in bound.value.close(promise: nil)
        }
    }

    // MARK: Time and end

    func check(_ now: NIODeadline, _ limits: Limits) {
        if let context, stall.isOver(now, limits.writeTimeout.timeAmount, context.channel) {
            context.close(promise: nil)
            return
        }
        switch phase {
        case .open:
            guard let since = unfinishedSince, now - since > limits.bodyTimeout.timeAmount else {
                session?.check(now)
                return
            }
            close(.policy, "a message did not arrive in time")
        case .closing(let since) where now - since > Self.linger: context?.close(promise: nil)
        case .closing, .closed: break
        }
    }

    func identitiesDidChange() { session?.identitiesDidChange() }

    func drain() { session?.drain() }

    func stop() {
        session?.stop()
        close(.goingAway, "the gateway stops")
        context?.close(promise: nil)
    }

    var isFinishing: Bool {
        if case .open = phase { false } else { true }
    }

    private static let linger = TimeAmount.seconds(2)
}
