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
        let administration = CaptureAdministration(
            identities: watch.store,
            captures: door.shared.captures,
            logger: logger
        )
        return try await watch.turns.take(for: actor) { () async throws(AdministrationProblem) in
            try await administration.perform(act, query: request.uri.query ?? "", as: actor)
        }
    }
}
