import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Binds the public listener and puts HTTP on each connection that it accepts.
///
/// Every event loop accepts from the one socket, by a descriptor of its own, and keeps what it accepts: a connection
/// never has to be handed to another thread before its first byte is read.
struct Listener {
    /// One context for each event loop.
    let loops: [NIOLoopBound<LoopContext>]
    let settings: GatewaySettings

    /// Begins to listen; the channels are one for each loop, all on one address.
    ///
    /// - Throws: `NIOSSLError` or an I/O error that names what the system refused.
    func bind() async throws -> [any Channel] {
        let tls = try settings.tls.map(Self.tlsContext)
        guard let first = loops.first else { preconditionFailure("a gateway has at least one event loop") }
        let listener = try await bootstrap(first, tls).bind(host: settings.host, port: settings.port).get()
        var channels = [listener]
        do {
            for loop in loops.dropFirst() {
                let descriptor = try await Self.duplicate(listener)
                channels.append(try await bootstrap(loop, tls).withBoundSocket(descriptor).get())
            }
        } catch {
            for channel in channels { channel.close(promise: nil) }
            throw error
        }
        return channels
    }

    private func bootstrap(_ loop: NIOLoopBound<LoopContext>, _ tls: NIOSSLContext?) -> ServerBootstrap {
        let limit = settings.limits.connections
        return ServerBootstrap(group: loop.eventLoop)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // What waits is taken in the next turn; a second look in this one would mostly find nothing.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            // Connections inherit it from the socket that they were accepted from.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard loop.value.shared.counters.connections < limit else { return channel.close(promise: nil) }
                    try Self.configure(channel.pipeline.syncOperations, tls, loop.value)
                }
            }
    }

    /// Another descriptor of a listening socket.
    private static func duplicate(_ listener: any Channel) async throws -> NIOBSDSocket.Handle {
        try await listener.eventLoop.submit {
            try listener.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                socket in
                let copy = fcntl(socket, F_DUPFD_CLOEXEC, 0)
                guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
                return copy
            } ?? { throw ChannelError.operationUnsupported }()
        }.get()
    }

    private static func configure(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        _ tls: NIOSSLContext?,
        _ loop: LoopContext
    ) throws {
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandler(ClientConnection(loop: loop))
    }

    private static func tlsContext(_ files: GatewaySettings.TLS) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
