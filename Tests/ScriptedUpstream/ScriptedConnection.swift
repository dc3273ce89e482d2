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

/// One connection to the scripted upstream: cuts requests out of the bytes and performs their steps in order.
final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let behaviour: ScriptedUpstream.Behaviour
    private let script: ScriptedUpstream.Script
    private let journal: Journal
    private var number = 0
    private var cutter = RequestCutter()
    private var headWasAnswered = false
    private var steps: [Step] = []
    private var isBusy = false
    /// The far end, once this is a tunnel.
    private var tunnel: (any Channel)?

    init(_ behaviour: ScriptedUpstream.Behaviour, script: @escaping ScriptedUpstream.Script, journal: Journal) {
        self.behaviour = behaviour
        self.script = script
        self.journal = journal
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        number = journal.note { record in
            record.open[record.accepted] = channel
            record.accepted += 1
            return record.accepted - 1
        }
        perform(behaviour.onAccept, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let number = number
        journal.note { _ = $0.open.removeValue(forKey: number) }
        tunnel?.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let tunnel { return tunnel.writeAndFlush(Self.unwrapInboundIn(data), promise: nil) }
        cutter.append(Self.unwrapInboundIn(data).readableBytesView)
        if behaviour.answersHead, !headWasAnswered, let head = cutter.head(connection: number) {
            headWasAnswered = true
            perform(script(head), context)
        }
        while let request = cutter.next(connection: number) {
            journal.note { $0.requests.append(request) }
            if !behaviour.answersHead { perform(script(request), context) }
            headWasAnswered = false
        }
    }

    private func perform(_ more: [Step], _ context: ChannelHandlerContext) {
        steps.append(contentsOf: more)
        if !isBusy { proceed(context) }
    }

    /// Performs steps until one has to be waited for.
    private func proceed(_ context: ChannelHandlerContext) {
        isBusy = false
        while !isBusy, !steps.isEmpty {
            switch steps.removeFirst() {
            case .write(let bytes): write(bytes, context)
            case .pieces(let bytes, let size): writePiece(bytes[...], size, context)
            case .endless(let bytes): writeEndlessly(bytes, context)
            case .wait(let gate): wait(for: gate, context)
            case .tunnel(let port): tunnel(to: port, context)
            case .halfClose: context.close(mode: .output, promise: nil)
            case .close: context.close(promise: nil)
            case .reset: reset(context)
            case .stall: isBusy = true
            }
        }
    }

    private func write(_ bytes: some Collection<UInt8>, _ context: ChannelHandlerContext, then: (() -> Void)? = nil) {
        let count = bytes.count
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess {
            self.journal.note { $0.written += count }
            then?()
        }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: written)
    }

    private func writePiece(_ bytes: ArraySlice<UInt8>, _ size: Int, _ context: ChannelHandlerContext) {
        isBusy = true
        write(bytes.prefix(size), context)
        let rest = bytes.dropFirst(size)
        context.eventLoop.assumeIsolated().execute {
            if rest.isEmpty { self.proceed(context) } else { self.writePiece(rest, size, context) }
        }
    }

    private func writeEndlessly(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        isBusy = true
        write(bytes, context) {
            // A little later, because a fast reader would otherwise keep the loop from everything else.
            let later = context.eventLoop.assumeIsolated()
            later.scheduleTask(in: .microseconds(20)) { self.writeEndlessly(bytes, context) }
        }
    }

    private func wait(for gate: Gate, _ context: ChannelHandlerContext) {
        isBusy = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        gate.whenOpen {
            eventLoop.execute {
                let (connection, context) = bound.value
                connection.proceed(context)
            }
        }
    }

    private func tunnel(to port: Int, _ context: ChannelHandlerContext) {
        isBusy = true
        let near = context.channel
        let far = ClientBootstrap(group: context.eventLoop)
            .channelInitializer { far in
                far.eventLoop.makeCompletedFuture { try far.pipeline.syncOperations.addHandler(TunnelEnd(near: near)) }
            }
            .connect(host: "127.0.0.1", port: port)
        far.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                self.tunnel = channel
                self.proceed(context)
            case .failure: context.close(promise: nil)
            }
        }
    }

    private func reset(_ context: ChannelHandlerContext) {
        // Past TLS, which would say goodbye first.
        let pipeline = context.pipeline.syncOperations
        let secured = try? pipeline.context(handlerType: NIOSSLServerHandler.self)
        let close = { (secured ?? context).close(promise: nil) }
        guard let socket = context.channel as? any SocketOptionProvider else { return close() }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in close() }
    }
}
