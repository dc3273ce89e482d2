import NIOCore
import NIOPosix
import Synchronization

/// A TCP port that passes every byte on to another one, so that an address is known before what stands behind it.
final class Door: Sendable {
    let port: Int
    private let channel: any Channel
    private let target: Target

    private final class Target: Sendable {
        let port = Mutex(0)
    }

    private init(channel: any Channel, port: Int, target: Target) {
        self.channel = channel
        self.port = port
        self.target = target
    }

    static func open() async throws -> Door {
        let target = Target()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { child in
                ClientBootstrap(group: child.eventLoop)
                    .connect(host: "127.0.0.1", port: target.port.withLock { $0 })
                    .flatMap { other in
                        child.eventLoop.makeCompletedFuture {
                            try child.pipeline.syncOperations.addHandler(Passage(other))
                            try other.pipeline.syncOperations.addHandler(Passage(child))
                        }
                    }
                    .flatMap { child.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return Door(channel: channel, port: channel.localAddress?.port ?? 0, target: target)
    }

    func lead(to port: Int) { target.port.withLock { $0 = port } }

    func close() async {
        // It may be closed already.
        try? await channel.close()
    }
}

/// Writes what one channel reads to the other one, and closes it at the end.
private final class Passage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(_ other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { other.close(promise: nil) }
}
