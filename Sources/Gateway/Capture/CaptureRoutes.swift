import Hummingbird
import Logging
import NIOCore

/// Captures on the listener.
struct CaptureRoutes: Sendable {
    let door: AdministrationDoor
    let watch: IdentityWatch
    let logger: Logger

    func answer(
        _ act: CaptureAdministration.Act,
        _ request: Request,
        _ context: AdministrationContext
    ) async throws(AdministrationProblem) -> AdministrationReply {
        let actor = try await door.actor(request, from: context.address)
        guard watch.turns.begin(actor.name, of: actor.tenant) else {
            throw AdministrationProblem(
                .storeUnavailable,
                "Too much is asked of the store at a time. Ask again in a second; what was asked for is not done."
            )
        }
        defer { watch.turns.end(actor.name, of: actor.tenant) }
        let administration = CaptureAdministration(
            identities: watch.store,
            captures: door.shared.captures,
            logger: logger
        )
        return try await administration.perform(act, query: request.uri.query ?? "", as: actor)
    }
}
