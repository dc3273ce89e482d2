import NIOCore
import NIOPosix
import NIOSSL

/// Binds the public listener and puts HTTP on each connection that it accepts.
///
/// Every event loop has a socket of its own on the one address and keeps what it accepts: a connection never has to be
/// handed to another thread before its first byte is read.
struct Listener {
    /// One context for each event loop.
    let loops: [NIOLoopBound<LoopContext>]
    let settings: GatewaySettings

    /// Begins to listen; the channels are one for each loop, all on one address.
    ///
    /// - Throws: `NIOSSLError` or an I/O error that names what the system refused.
    func bind() async throws -> [any Channel] {
        let tls = try settings.tls.map { try Self.tlsContext($0, settings.clientCertificates) }
        var address = try SocketAddress.makeAddressResolvingHost(settings.host, port: settings.port)
        if settings.port != 0, loops.count > 1 { try AddressProbe.checkIsFree(address) }
        var channels: [any Channel] = []
        do {
            for loop in loops {
                let channel = try await bootstrap(loop, tls).bind(to: address).get()
                channels.append(channel)
                address = channel.localAddress ?? address
            }
        } catch {
            for channel in channels { channel.close(promise: nil) }
            throw error
        }
        return channels
    }

    private func bootstrap(_ loop: NIOLoopBound<LoopContext>, _ tls: NIOSSLContext?) -> ServerBootstrap {
        ServerBootstrap(group: loop.eventLoop)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(AddressProbe.sharing), value: loops.count > 1 ? 1 : 0)
            // What waits is taken in the next turn; a second look in this one would mostly find nothing.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            // Connections inherit it from the socket that they were accepted from.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let context = loop.value
                    guard context.shared.counters.connections < context.snapshot.settings.limits.connections else {
                        return channel.close(promise: nil)
                    }
                    try Self.configure(channel.pipeline.syncOperations, tls, context)
                }
            }
    }

    private static func configure(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        _ tls: NIOSSLContext?,
        _ loop: LoopContext
    ) throws {
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.addHandler(ClientConnection(loop: loop))
    }

    /// When the certificate of these files ends, in seconds since 1970; nil where there is none to be read.
    static func expiry(of files: GatewaySettings.TLS) -> Int? {
        (try? NIOSSLCertificate.fromPEMFile(files.certificateFile).first).map { Int($0.notValidAfter) }
    }

    private static func tlsContext(
        _ files: GatewaySettings.TLS,
        _ clients: ClientCertificateSettings?
    ) throws -> NIOSSLContext {
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
        if let clients {
            // The list itself, so that a file with nothing in it does not come to mean the system's authorities.
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(clients.authorityFile))
            configuration.certificateVerification = clients.isRequired ? .noHostnameVerification : .optionalVerification
            configuration.sendCANameList = true
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
