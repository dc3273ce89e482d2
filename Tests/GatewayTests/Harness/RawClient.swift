import NIOCore
import NIOPosix
import NIOSSL
import ScriptedUpstream

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// One TCP connection to a gateway that sends exactly the bytes it is told to and knows nothing of HTTP.
final class RawClient: Sendable {
    struct State: Sendable {
        var bytes: [UInt8] = []
        /// How many of the bytes were given out as responses.
        var taken = 0
        var isClosed = false
        var count: Int { bytes.count }
    }

    private let channel: any Channel
    let state: Watched<State>

    private init(channel: any Channel, state: Watched<State>) {
        self.channel = channel
        self.state = state
    }

    /// Connects; `receiveBuffer` is the size of the socket's own buffer, small for a slow reader, and `reads` says
    /// whether it reads from the start.
    static func connect(
        port: Int,
        receiveBuffer: CInt? = nil,
        reads: Bool = true,
        tls: Bool = false,
        certificate: TestCertificate.Client? = nil
    ) async throws -> RawClient {
        let state = Watched(State())
        let context = tls || certificate != nil ? try tlsContext(certificate) : nil
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context {
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try pipeline.addHandler(Collector(state))
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        return RawClient(channel: try await bootstrap.connect(host: "127.0.0.1", port: port).get(), state: state)
    }

    /// Sends and waits until the system took all of it.
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// Sends without waiting; for a peer that may not read, or that closes meanwhile.
    func post(_ text: String) { post(Array(text.utf8)) }

    func post(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// Ends the sending side alone.
    func halfClose() async throws { try await channel.close(mode: .output) }

    func close() { channel.close(promise: nil) }

    /// Closes so that the gateway sees a reset.
    func reset() async throws {
        if let socket = channel as? any SocketOptionProvider {
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        channel.close(promise: nil)
    }

    func setReading(_ reads: Bool) async throws { try await channel.setOption(.autoRead, value: reads).get() }

    /// The next whole response; informational ones count as responses of their own.
    func answer(toHead: Bool = false, within limit: Duration = .seconds(20)) async throws -> RawAnswer {
        let whole = try await state.wait(for: "a whole response", within: limit) { state in
            if state.isClosed { return true }
            guard case .whole = RawAnswer.cut(state.bytes[state.taken...], isClosed: false, toHead: toHead) else {
                return false
            }
            return true
        }
        guard
            case .whole(let answer, let count) = RawAnswer.cut(
                whole.bytes[whole.taken...],
                isClosed: whole.isClosed,
                toHead: toHead
            )
        else { throw Missed(what: "a whole response before the end; there was \(text(whole))") }
        state.change { $0.taken += count }
        return answer
    }

    /// Everything until the gateway closes.
    func untilClosed(within limit: Duration = .seconds(20)) async throws -> String {
        text(try await state.wait(for: "the end of the connection", within: limit) { $0.isClosed })
    }

    /// Waits until the bytes hold a text.
    func text(containing part: String, within limit: Duration = .seconds(20)) async throws {
        try await state.wait(for: "\(part)", within: limit) { state in
            Self.holds(state.bytes, Array(part.utf8))
        }
    }

    var isClosed: Bool { state.value.isClosed }
    var received: [UInt8] { state.value.bytes }

    private func text(_ state: State) -> String { String(decoding: state.bytes, as: UTF8.self) }

    private static func holds(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { start in
            bytes[start] == part[0] && bytes[start..<(start + part.count)].elementsEqual(part)
        }
    }

    private static func tlsContext(_ client: TestCertificate.Client?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let client {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(client.file).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: TestCertificate.keyFile, format: .pem))
        }
        configuration.trustRoots = .file(TestCertificate.rootFile)
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Puts everything that comes into the client's state.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let state: Watched<RawClient.State>

    init(_ state: Watched<RawClient.State>) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        state.change { $0.bytes += bytes.readableBytesView }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.change { $0.isClosed = true }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
