import Hummingbird
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
        let router = Router(context: AdministrationContext.self)
        let (view, reloader) = (view, reloader)
        let door = AdministrationDoor(shared: view.shared, host: host)
        router.get("health") { _, _ in Health(status: "ok") }
        router.get("health/ready") { _, _ in
            let readiness = view.readiness
            return EditedResponse(status: readiness.isReady ? .ok : .serviceUnavailable, response: readiness)
        }
        router.get("status") { _, _ in view.status }
        router.post("admin/v1/reload") { request, context in
            if let problem = Problem.foreign(request.headers) { return problem.response }
            do throws(AdministrationProblem) { try door.checkOperator(request, from: context.address) } catch {
                return AdministrationReply(error).response
            }
            return await ReloadAnswer(reloader.reload(.administration)).response
        }
        let identities = IdentityRoutes(door: door, watch: watch)
        for path in IdentityRoutes.paths {
            for method in IdentityRoutes.methods {
                router.on(RouterPath("admin/v1/\(path)"), method: method) { request, context in
                    await identities.answer(request, context)
                }
            }
        }
        return Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "torii"),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }
}

/// What `/health` answers.
private struct Health: ResponseEncodable {
    let status: String
}
