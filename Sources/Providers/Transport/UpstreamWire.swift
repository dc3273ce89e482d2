import NIOCore

/// The place next to the socket (or to TLS): sees every byte before the decoder does, and writes past it.
final class UpstreamWire: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    weak var connection: UpstreamConnection?
    /// Where the last piece of the body ended, if there was one.
    var bodyEnd: UnsafeRawPointer?
    private var context: ChannelHandlerContext?
    /// The read that is being decoded.
    private var current: ByteBuffer?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection?.didReceiveBytes() ?? false else { return }
        current = Self.unwrapInboundIn(data)
        context.fireChannelRead(data)
        current = nil
    }

    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard let context else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
        context.write(Self.wrapOutboundOut(bytes), promise: promise)
    }

    func flush() {
        context?.flush()
    }

    /// Whether the read that is being decoded ends where the response does.
    ///
    /// Either the body's last piece is the read's end, or an empty line is: that of a head without a body or of the
    /// last chunk. Bytes behind a response would otherwise be taken for the beginning of the next one.
    func endsHere() -> Bool {
        guard let current else { return false }
        if let bodyEnd, bodyEnd == Self.end(of: current) { return true }
        return current.withUnsafeReadableBytes { bytes in
            zip(bytes.suffix(4).reversed(), "\n\r\n\r".utf8).allSatisfy { $0 == $1 }
        }
    }

    static func end(of bytes: ByteBuffer) -> UnsafeRawPointer? {
        // Only compared, never read from.
        bytes.withUnsafeReadableBytes { $0.baseAddress.map { UnsafeRawPointer($0) + bytes.readableBytes } }
    }
}
