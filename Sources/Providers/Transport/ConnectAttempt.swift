import NIOCore
import NIOExtras
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOTLS

/// Makes one connection: name, socket, the proxy's tunnel and TLS, all within one deadline.
final class ConnectAttempt {
    private enum Stage: String {
        case preparing = "still loading the trusted roots"
        case resolving = "still looking up the name"
        case connecting = "still connecting"
        case tunnelling = "still asking the proxy for a tunnel"
        case securing = "still in the TLS handshake"
    }

    private let origin: OriginConnections
    private let deadline: NIODeadline
    private let eventLoop: any EventLoop
    private var stage = Stage.preparing
    private var timer: Scheduled<Void>?
    private var channel: (any Channel)?
    private var context: NIOSSLContext?
    /// Nil once it was called.
    private var done: ((Result<UpstreamConnection, TransportFailure>) -> Void)?

    init(
        origin: OriginConnections,
        deadline: NIODeadline,
        done: @escaping (Result<UpstreamConnection, TransportFailure>) -> Void
    ) {
        self.origin = origin
        self.deadline = deadline
        self.done = done
        eventLoop = origin.pool.eventLoop
    }

    private var host: String { origin.proxy?.host ?? origin.origin.host }
    private var port: Int { origin.proxy?.port ?? origin.origin.port }

    func run() {
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.fail(self.lateness) }
        guard origin.origin.scheme == .https else { return open(context: nil) }
        // Before the socket, so that its handlers are in place when the first byte or the end comes.
        let contexts = origin.pool.settings.tls
        contexts.context(caFile: origin.origin.caFile, on: eventLoop).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let context): self.open(context: context)
            case .failure: self.fail(FailureClassification.badRoots(self.origin.origin.caFile))
            }
        }
    }

    private func open(context: NIOSSLContext?) {
        guard done != nil else { return }
        self.context = context
        connect().assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel) where self.done == nil: channel.close(promise: nil)
            case .success(let channel): self.didConnect(channel)
            case .failure(let error): self.fail(FailureClassification.connecting(error))
            }
        }
    }

    private func connect() -> EventLoopFuture<any Channel> {
        // The deadline here is ours; NIO's own only ends what was given up.
        let grace = deadline - eventLoop.now + .seconds(1)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .connectTimeout(grace)
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            stage = .connecting
            return bootstrap.connect(to: address)
        }
        stage = .resolving
        let resolver = FamilyResolver(origin.pool.settings.resolver, on: eventLoop)
        resolver.lookup.assumeIsolated().whenSuccess { _ in self.stage = .connecting }
        return bootstrap.resolver(resolver).connect(host: host, port: port)
    }

    private func didConnect(_ channel: any Channel) {
        self.channel = channel
        switch (context, origin.proxy) {
        case (nil, _): finish(channel, secured: nil)
        case (let context?, nil): secure(channel, context)
        case (let context?, let proxy?): tunnel(channel, proxy, context)
        }
    }

    private func tunnel(_ channel: any Channel, _ proxy: ForwardProxy, _ context: NIOSSLContext) {
        stage = .tunnelling
        let target = origin.origin
        let name = target.host.contains(":") ? "[\(target.host)]" : target.host
        var fields = HTTPHeaders([("host", "\(name):\(target.port)")])
        if let authorization = proxy.authorization {
            fields.add(name: "proxy-authorization", value: authorization.reveal())
        }
        let promise = eventLoop.makePromise(of: Void.self)
        let encoder = HTTPRequestEncoder()
        let decoder = ByteToMessageHandler(HTTPResponseDecoder())
        let connect = NIOHTTP1ProxyConnectHandler(
            targetHost: name,
            targetPort: target.port,
            headers: fields,
            deadline: deadline + .seconds(1),
            promise: promise
        )
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.remove(encoder, decoder, from: channel, then: context)
            case .failure(let error): self.fail(FailureClassification.tunnelling(error))
            }
        }
        do {
            try channel.pipeline.syncOperations.addHandlers([encoder, decoder, connect] as [any ChannelHandler])
        } catch {
            promise.fail(error)
        }
    }

    private func remove(
        _ encoder: HTTPRequestEncoder,
        _ decoder: ByteToMessageHandler<HTTPResponseDecoder>,
        from channel: any Channel,
        then context: NIOSSLContext
    ) {
        let pipeline = channel.pipeline.syncOperations
        let removed = pipeline.removeHandler(encoder).and(pipeline.removeHandler(decoder))
        removed.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.secure(channel, context)
            case .failure(let error): self.fail(FailureClassification.tunnelling(error))
            }
        }
    }

    private func secure(_ channel: any Channel, _ context: NIOSSLContext) {
        guard done != nil else { return }
        stage = .securing
        guard channel.isActive else { return fail(FailureClassification.securing(ChannelError.eof, certificate: nil)) }
        let host = origin.origin.host
        // The name indication cannot hold an address; the certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        do {
            let tls = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
            let pipeline = channel.pipeline.syncOperations
            let observer = HandshakeObserver { result in
                switch result {
                case .success: self.didSecure(channel, tls)
                case .failure(let error):
                    self.fail(FailureClassification.securing(error, certificate: tls.peerCertificate))
                }
            }
            try pipeline.addHandlers([tls, observer] as [any ChannelHandler])
        } catch {
            fail(FailureClassification.securing(error, certificate: nil))
        }
    }

    private func didSecure(_ channel: any Channel, _ tls: NIOSSLClientHandler) {
        do {
            finish(channel, secured: try channel.pipeline.syncOperations.context(handler: tls))
        } catch {
            fail(FailureClassification.securing(error, certificate: nil))
        }
    }

    private func finish(_ channel: any Channel, secured: ChannelHandlerContext?) {
        let connection = UpstreamConnection(channel: channel, origin: origin, secured: secured)
        do {
            try connection.install()
            complete(.success(connection))
        } catch {
            fail(FailureClassification.connecting(error))
        }
    }

    /// What it means if the deadline passes now.
    var lateness: TransportFailure {
        let kind: TransportFailure.Kind = stage == .resolving ? .nameTimedOut : .connectTimedOut
        return TransportFailure(kind, "the connect deadline passed, \(stage.rawValue)")
    }

    private func fail(_ failure: TransportFailure) {
        complete(.failure(failure))
        channel?.close(promise: nil)
    }

    private func complete(_ result: Result<UpstreamConnection, TransportFailure>) {
        guard let done else { return }
        self.done = nil
        timer?.cancel()
        done(result)
    }
}

/// Waits for the end of a TLS handshake, then leaves the pipeline.
private final class HandshakeObserver: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var done: ((Result<Void, any Error>) -> Void)?

    init(_ done: @escaping (Result<Void, any Error>) -> Void) {
        self.done = done
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            complete(.success(()))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        complete(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        complete(.failure(ChannelError.eof))
        context.fireChannelInactive()
    }

    private func complete(_ result: Result<Void, any Error>) {
        let done = done
        self.done = nil
        done?(result)
    }
}
