import NIOCore
import NIOPosix

/// One connection to an upstream: performs what `ConnectionStateMachine` decides.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let channel: any Channel
    private let origin: OriginConnections
    private var decoder: ResponseDecoder
    private var context: ChannelHandlerContext?
    /// The TLS handler's place; a close from there does not ask the peer.
    private let secured: ChannelHandlerContext?
    private let descriptor: NIOBSDSocket.Handle?
    private var machine: ConnectionStateMachine
    private var exchange: UpstreamExchange?
    private var wasUsed = false
    /// How the last answer told its end, and when the connection was free again behind it.
    private(set) var framing = AnswerFraming.length
    private(set) var releasedAt: NIODeadline?
    private var isReading = true
    /// Of the running exchange's answer, so far.
    private var reads = 0
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
        decoder = ResponseDecoder(headBytes: settings.maximumHeadBytes, fields: settings.maximumFields)
        machine = ConnectionStateMachine(maximumBodyBytes: settings.maximumResponseBytes)
        outgoing = channel.allocator.buffer(capacity: 1024)
        descriptor = SocketProbe.descriptor(of: channel)
    }

    /// Puts the handler behind whatever is in the pipeline.
    func install() throws {
        try channel.pipeline.syncOperations.addHandler(self)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

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
        machine.maximumBodyBytes = origin.pool.settings.maximumResponseBytes
        machine.start(reused: wasUsed)
        reads = 0
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
        guard reading != isReading else { return }
        isReading = reading
        // Fails only on a closed channel, where it does not matter.
        _ = try? channel.syncOptions?.setOption(.autoRead, value: reading)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch machine.didReceiveBytes() {
        case .discardAndClose:
            if !isFlushing { close(nil, "bytes outside of a response") }
        case .forward:
            decoder.append(Self.unwrapInboundIn(data))
            decode()
        }
    }

    private func decode() {
        do throws(HTTPSyntaxError) {
            while let part = try decoder.next() {
                guard take(part) else { return }
            }
        } catch {
            close(FailureClassification.kind(reading: error), error.words)
        }
    }

    /// Whether more of what has arrived may be read.
    private func take(_ part: ResponseDecoder.Part) -> Bool {
        switch part {
        case .head(let status, let fields, let keepsAlive):
            guard perform(machine.didReceiveHead(status: status, keepsAlive: keepsAlive)) else { return false }
            framing = fields.contains("transfer-encoding") ? .chunks : .length
            exchange?.didReceiveHead(status: status, fields: fields)
        case .body(let bytes):
            guard perform(machine.didReceiveBody(count: bytes.readableBytes)) else { return false }
            exchange?.didReceiveBody(bytes)
        case .end:
            // Bytes behind a response would be taken for the beginning of the next one.
            guard perform(machine.didReceiveEnd(leftover: decoder.hasBytes)) else { return false }
            let ended = exchange
            exchange = nil
            ended?.didEnd()
            return false
        }
        return true
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch machine.didCompleteRead() {
        case .nothing: break
        case .tellResponder:
            exchange?.didCompleteRead()
            reads += 1
            // Not behind the first one: another answer's first bytes may be waiting for this loop.
            if let exchange, reads == 2 { origin.openSpare(exchange.request.timeouts) }
        case .release:
            setReading(true)
            releasedAt = origin.pool.now
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
        if isFlushing {
            closedInFlush = true
        } else {
            if exchange != nil, decoder.endsWithConnection { _ = take(.end) }
            close(nil, "the upstream closed the connection")
        }
        context.fireChannelInactive()
    }
}

// MARK: Writing

extension UpstreamConnection {
    /// A body up to this size is copied behind the head, which is cheaper than a second write.
    private static let shortBody = 8 * 1024

    private func write(_ exchange: UpstreamExchange) {
        let request = exchange.request
        decoder.begin(answersHead: request.method == "HEAD")
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
            send(outgoing, promise: writePromise(exchange, isHead: true, isLast: true))
        } else {
            send(outgoing, promise: wasUsed ? writePromise(exchange, isHead: true, isLast: false) : nil)
            let last = request.body.lastIndex { $0.readableBytes > 0 }
            for (index, part) in request.body.enumerated() where part.readableBytes > 0 {
                let isLast = index == last
                send(part, promise: isLast ? writePromise(exchange, isHead: false, isLast: true) : nil)
            }
        }
        context?.flush()
    }

    private func send(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard let context else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        context.write(Self.wrapOutboundOut(bytes), promise: promise)
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
            origin.didClose(self, wasIdle: wasIdle, isUnanswered: closure.isUnanswered)
        }
        return closure
    }
}
