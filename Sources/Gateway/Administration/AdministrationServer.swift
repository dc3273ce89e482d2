import Hummingbird
import Logging
import NIOCore

/// The operator's listener: health and state, never a model.
struct AdministrationServer {
    let host: String
    let port: Int
    let status: @Sendable () -> GatewayStatus

    /// The Hummingbird application, which listens while it runs.
    ///
    /// `onListening` is called with the port once the listener is bound.
    func application(
        on group: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        let router = Router()
        let status = status
        router.get("health") { _, _ in Health(status: "ok") }
        router.get("health/ready") { _, _ in
            let isReady = status().isReady
            return EditedResponse(
                status: isReady ? .ok : .serviceUnavailable,
                response: Health(status: isReady ? "ready" : "not ready")
            )
        }
        router.get("status") { _, _ in status() }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "torii"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }
}

/// What `/health` and `/health/ready` answer.
private struct Health: ResponseEncodable {
    let status: String
}
