import NIOCore
import NIOHTTP1

/// One connection to the scripted provider.
final class ScriptedConversation: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A larger body is refused; nobody has a prompt like that.
    private static let bodyLimit = 64 << 20

    private let pause: TimeAmount
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(pause: TimeAmount) {
        self.pause = pause
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            (self.head, body, isTooLarge) = (head, [], false)
        case .body(let bytes):
            isTooLarge = isTooLarge || body.count + bytes.readableBytes > Self.bodyLimit
            if !isTooLarge { body.append(contentsOf: bytes.readableBytesView) }
        case .end:
            guard let head else { return }
            let path = String(head.uri.prefix { $0 != "?" })
            let reply =
                isTooLarge
                ? ScriptedReply.error(413, "The body is larger than \(Self.bodyLimit) bytes.")
                : ScriptedReply(method: head.method.rawValue, path: path, body: body)
            (self.head, body) = (nil, [])
            send(reply, keepAlive: head.isKeepAlive, context)
        }
    }

    private func send(_ reply: ScriptedReply, keepAlive: Bool, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status))
        head.headers.add(name: "content-type", value: reply.contentType)
        if !keepAlive { head.headers.add(name: "connection", value: "close") }
        if reply.steps.count == 1, let body = reply.steps.first {
            head.headers.add(name: "content-length", value: String(body.count))
        }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        step(reply.steps[...], keepAlive: keepAlive, context)
    }

    private func step(_ steps: ArraySlice<[UInt8]>, keepAlive: Bool, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard let first = steps.first else {
            let done = context.eventLoop.makePromise(of: Void.self)
            if !keepAlive { done.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
            return context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: done)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: first)))), promise: nil)
        let rest = steps.dropFirst()
        guard !rest.isEmpty, pause > .zero else { return step(rest, keepAlive: keepAlive, context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.step(rest, keepAlive: keepAlive, context) }
    }
}
