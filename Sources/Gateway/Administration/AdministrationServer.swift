import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The operator's listener: health, state, reload, tenants and keys, never a model.
struct AdministrationServer {
    let host: String
    let port: Int
    let view: GatewayView
    let reloader: Reloader
    let watch: IdentityWatch

    /// The Hummingbird application, which listens while it runs.
    ///
    /// `onListening` is called with the port once the listener is bound.
    func application(
        on group: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        let shared = view.shared
        let places = AddressPlaces()
        return Application(
            responder: AdministrationResponder(
                view: view,
                reloader: reloader,
                watch: watch,
                host: host,
                logger: logger
            ),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [
                        AddressGate(places), AdministrationDeadlines(shared.snapshot.settings.limits),
                    ],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.longestHead,
                        maxHeaderListSize: Self.longestHead,
                        maxHeaderFieldCount: Self.mostFields
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                serverName: "torii",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections, logger: logger)
            ),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }

    /// Bytes of one request's head.
    private static let longestHead = 32 << 10
    private static let mostFields = 100
    /// More wait until one of them closes, which its deadlines see to.
    private static let mostConnections = 1024
}
