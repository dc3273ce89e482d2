import NIOCore
import NIOPosix
import NIOSSL

/// Binds the public listener and puts HTTP on each connection that it accepts.
struct Listener {
    let group: MultiThreadedEventLoopGroup
    /// One context for each loop of the group.
    let loops: [ObjectIdentifier: NIOLoopBound<LoopContext>]
    let settings: GatewaySettings

    /// Begins to listen.
    ///
    /// - Throws: `NIOSSLError` or an I/O error that names what the system refused.
    func bind() async throws -> any Channel {
        let tls = try settings.tls.map(Self.tlsContext)
        let loops = loops
        let limits = settings.limits
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("a connection was accepted on a loop that is not the gateway's")
                    }
                    guard loop.value.shared.counters.connections < limits.connections else {
                        return channel.close(promise: nil)
                    }
                    try Self.configure(channel.pipeline.syncOperations, tls, loop.value)
                }
            }
            .bind(host: settings.host, port: settings.port)
            .get()
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
