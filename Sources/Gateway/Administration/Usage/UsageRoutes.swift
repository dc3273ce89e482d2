import Hummingbird
import Logging

/// What is asked of the account on the listener.
struct UsageRoutes: Sendable {
    let door: AdministrationDoor
    let watch: IdentityWatch
    let ledger: Ledger
    let logger: Logger

    /// Answers on a thread that may block, in one of the turns that all who ask the store share.
    func answer(
        _ act: UsageAdministration.Act,
        _ request: Request,
        _ context: AdministrationContext
    ) async throws(AdministrationProblem) -> AdministrationReply {
        let actor = try await door.actor(request, from: context.address)
        return try await watch.turns.take(for: actor) { () async throws(AdministrationProblem) in
            try await perform(act, request, as: actor)
        }
    }

    private func perform(
        _ act: UsageAdministration.Act,
        _ request: Request,
        as actor: AdministrationActor
    ) async throws(AdministrationProblem) -> AdministrationReply {
        let administration = UsageAdministration(
            ledger: ledger,
            store: watch.store,
            identities: door.shared.identities,
            clock: door.shared.admissionClock.wall
        )
        let (query, accept) = (request.uri.query ?? "", request.headers[.accept])
        let reply: AdministrationReply
        do {
            reply = try await IdentityWatch.blocking {
                administration.answer(act, query: query, accept: accept, as: actor)
            }
        } catch {
            throw .store(error)
        }
        if let cause = reply.cause { logger.error("the account cannot be read: \(cause)") }
        return reply
    }
}
