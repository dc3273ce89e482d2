import NIOCore
import NIOHTTPTypes
import Synchronization

/// How many connections of the administration each network has, so that one address leaves the others a place.
final class AddressPlaces: Sendable {
    private let held = Mutex<[[UInt8]: Int]>([:])

    /// Takes a place for a connection, which `leave` gives back; false where there is none.
    func enter(_ network: [UInt8]) -> Bool {
        held.withLock { held in
            let count = held[network, default: 0]
            guard count < Self.most else { return false }
            held[network] = count + 1
            return true
        }
    }

    func leave(_ network: [UInt8]) {
        held.withLock { held in
            let left = held[network, default: 0] - 1
            held[network] = left > 0 ? left : nil
        }
    }

    /// Of one network; the listener as a whole has many more.
    static let most = 64
}

/// Closes a connection at once whose address has as many as it may have.
final class AddressGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let places: AddressPlaces
    /// Whose place it has.
    private var network: [UInt8]?

    init(_ places: AddressPlaces) { self.places = places }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        enter(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func enter(_ context: ChannelHandlerContext) {
        guard self.network == nil, let address = context.channel.remoteAddress,
            let network = AddressRange.network(of: address)
        else { return }
        guard places.enter(network) else { return context.close(promise: nil) }
        self.network = network
    }

    private func leave() {
        if let network { places.leave(network) }
        network = nil
    }
}
