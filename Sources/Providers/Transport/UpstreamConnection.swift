import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to an upstream, behind the HTTP decoder: performs what `ConnectionStateMachine` decides.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let channel: any Channel
    private let origin: OriginConnections
    private let decoder: HTTPResponseDecoder
    private let wire = UpstreamWire()
    /// The TLS handler's place; a close from there does not ask the peer.
    private let secured: ChannelHandlerContext?
    private let descriptor: NIOBSDSocket.Handle?
    private var machine: ConnectionStateMachine
    private var exchange: UpstreamExchange?
    private var wasUsed = false
    private var reads = true
    /// The head, with a short body behind it; its storage is used again for the next request.
    private var outgoing: ByteBuffer
    private var isFlushing = false
    private var headFailed = false
    private var closedInFlush = false
    /// The origin has been told that this connection is gone, or has taken it out itself.
    private var isOver = false

    init(channel: any Channel, origin: OriginConnections, secured: ChannelHandlerContext?) {
        self.channel = channel
        self.origin = origin
        self.secured = secured
        let settings = origin.pool.settings
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = settings.maximumHeadBytes
        limits.maxHeaderListSize = settings.maximumHeadBytes
        limits.maxHeaderFieldCount = settings.maximumFields
        decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        machine = ConnectionStateMachine(maximumBodyBytes: settings.maximumResponseBytes)
        outgoing = channel.allocator.buffer(capacity: 1024)
        descriptor = SocketProbe.descriptor(of: channel)
    }

    /// Puts the handlers behind whatever is in the pipeline.
    func install() throws {
        wire.connection = self
        let handlers: [any ChannelHandler] = [wire, ByteToMessageHandler(decoder), self]
        try channel.pipeline.syncOperations.addHandlers(handlers)
    }

    var mayHaveSent: Bool { machine.mayHaveSent }

    /// Whether the peer is there and has said nothing, as far as the system knows; costs a system call.
    func isQuiet() -> Bool {
        guard channel.isActive else { return false }
        return descriptor.map(SocketProbe.isQuiet) ?? true
    }

    /// Writes the exchange's request, in one flush.
    func start(_ exchange: UpstreamExchange) {
        self.exchange = exchange
        exchange.didGet(self)
        machine.start(reused: wasUsed)
        if !exchange.isReading { setReading(false) }
        isFlushing = true
        // A connect promise may be kept just before the connection closes again.
        if channel.isActive { write(exchange) } else { (headFailed, closedInFlush) = (true, true) }
        isFlushing = false
        wasUsed = true
        machine.didFlush(failed: headFailed)
        if closedInFlush { close(nil, "the connection closed while the request was written") }
    }

    /// The exchange is gone before its response was whole, so that the connection is of no more use.
    func abandon() {
        exchange = nil
        leave()
    }

    /// Closes a connection that the origin has already taken out.
    func closeForgotten() {
        isOver = true
        leave()
    }

    func setReading(_ reading: Bool) {
        guard reading != reads else { return }
        reads = reading
        // Fails only on a closed channel, where it does not matter.
        _ = try? channel.syncOptions?.setOption(.autoRead, value: reading)
    }

    /// Bytes came off the socket; false means that they are to be dropped.
    func didReceiveBytes() -> Bool {
        switch machine.didReceiveBytes() {
        case .forward: return true
        case .discardAndClose:
            if !isFlushing { close(nil, "bytes outside of a response") }
            return false
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            let status = Int(head.status.code)
            guard perform(machine.didReceiveHead(status: status, keepsAlive: head.isKeepAlive)) else { return }
            wire.bodyEnd = nil
            exchange?.didReceiveHead(status: status, fields: Fields(httpHeaders: head.headers))
        case .body(let bytes):
            guard perform(machine.didReceiveBody(count: bytes.readableBytes)) else { return }
            wire.bodyEnd = UpstreamWire.end(of: bytes)
            exchange?.didReceiveBody(bytes)
        case .end:
            guard perform(machine.didReceiveEnd(leftover: !wire.endsHere())) else { return }
            let ended = exchange
            exchange = nil
            ended?.didEnd()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch machine.didCompleteRead() {
        case .nothing: break
        case .tellResponder: exchange?.didCompleteRead()
        case .release:
            setReading(true)
            origin.didRelease(self)
        case .close: leave()
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isFlushing {
            closedInFlush = true
        } else {
            close(FailureClassification.kind(reading: error), FailureClassification.words(error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isFlushing { closedInFlush = true } else { close(nil, "the upstream closed the connection") }
        context.fireChannelInactive()
    }
}

// MARK: Writing

extension UpstreamConnection {
    /// A body up to this size is copied behind the head, which is cheaper than a second write.
    private static let shortBody = 8 * 1024
    /// The decoder only wants to know whether the answer may have a body.
    private static let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/")
    private static let bodilessHead = HTTPRequestHead(version: .http1_1, method: .HEAD, uri: "/")

    private func write(_ exchange: UpstreamExchange) {
        let request = exchange.request
        decoder.write(data: .head(request.method == "HEAD" ? Self.bodilessHead : Self.head))
        let length = request.body.reduce(0) { $0 + $1.readableBytes }
        outgoing.clear()
        RequestHead.write(
            request,
            authority: origin.authority,
            proxy: origin.absoluteFormProxy,
            length: length,
            to: &outgoing
        )
        if length <= Self.shortBody {
            for var part in request.body { outgoing.writeBuffer(&part) }
            wire.write(outgoing, promise: writePromise(exchange, isHead: true, isLast: true))
        } else {
            wire.write(outgoing, promise: wasUsed ? writePromise(exchange, isHead: true, isLast: false) : nil)
            let last = request.body.lastIndex { $0.readableBytes > 0 }
            for (index, part) in request.body.enumerated() where part.readableBytes > 0 {
                let isLast = index == last
                wire.write(part, promise: isLast ? writePromise(exchange, isHead: false, isLast: true) : nil)
            }
        }
        wire.flush()
    }

    private func writePromise(_ exchange: UpstreamExchange, isHead: Bool, isLast: Bool) -> EventLoopPromise<Void> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success where isLast: self.didWrite(exchange)
            case .success: break
            // Behind TLS a failed write may have left in part.
            case .failure where isHead && self.isFlushing && self.secured == nil: self.headFailed = true
            case .failure: break
            }
        }
        return promise
    }

    private func didWrite(_ exchange: UpstreamExchange) {
        guard self.exchange === exchange else { return }
        machine.didWrite()
        exchange.didWriteRequest()
    }
}

// MARK: Closing

extension UpstreamConnection {
    private func perform(_ delivery: ConnectionStateMachine.Delivery) -> Bool {
        switch delivery {
        case .deliver: return true
        case .ignore: return false
        case .fail(let kind):
            close(kind, kind == .responseTooLarge ? "the response is over its limit" : "not an answer to the request")
            return false
        }
    }

    private func close(_ kind: TransportFailure.Kind?, _ detail: String) {
        let held = exchange
        exchange = nil
        let closure = leave(kind)
        switch closure {
        case .nothing: break
        case .retry:
            if let held { origin.retry(held) }
        case .fail(let kind, let sent):
            held?.didFail(TransportFailure(kind, detail, requestMayHaveBeenSent: sent))
        }
    }

    /// Closes the socket at once and tells the origin, both only once.
    @discardableResult
    private func leave(_ kind: TransportFailure.Kind? = nil) -> ConnectionStateMachine.Closure {
        let wasIdle = machine.isIdle
        let closure = machine.didClose(kind)
        if let secured { secured.close(promise: nil) } else { channel.close(promise: nil) }
        if !isOver {
            isOver = true
            origin.didClose(self, wasIdle: wasIdle)
        }
        return closure
    }
}
