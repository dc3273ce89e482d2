import Synchronization

/// How many administrative requests are at the store at a time, so that whoever asks for much does not put off what
/// others change.
final class StoreTurns: Sendable {
    private struct Running {
        var all = 0
        var actors: [String: Int] = [:]
        var tenants: [String: Int] = [:]
    }

    private let running = Mutex(Running())

    /// Does something for an actor in a turn of his, which ends with it.
    ///
    /// - Throws: `storeUnavailable` where there is no turn, and nothing is done then; else what `body` throws.
    func take<Result: Sendable>(
        for actor: AdministrationActor,
        _ body: () async throws(AdministrationProblem) -> Result
    ) async throws(AdministrationProblem) -> Result {
        guard begin(actor.name, of: actor.tenant) else {
            throw AdministrationProblem(
                .storeUnavailable,
                "Too much is asked of the store at a time. Ask again in a second; what was asked for is not done."
            )
        }
        defer { end(actor.name, of: actor.tenant) }
        return try await body()
    }

    /// Takes a turn for an actor of this name, which `end` gives back; false where there is none.
    ///
    /// `tenant` is nil for whoever belongs to none. All credentials of a tenant have one share, however many there are.
    func begin(_ actor: String, of tenant: String?) -> Bool {
        running.withLock { running in
            guard running.all < Self.most, running.actors[actor, default: 0] < Self.mostOfOne else { return false }
            if let tenant {
                guard running.tenants[tenant, default: 0] < Self.mostOfTenant else { return false }
                running.tenants[tenant, default: 0] += 1
            }
            running.all += 1
            running.actors[actor, default: 0] += 1
            return true
        }
    }

    func end(_ actor: String, of tenant: String?) {
        running.withLock { running in
            running.all -= 1
            Self.giveBack(actor, &running.actors)
            if let tenant { Self.giveBack(tenant, &running.tenants) }
        }
    }

    private static func giveBack(_ name: String, _ turns: inout [String: Int]) {
        let left = turns[name, default: 0] - 1
        turns[name] = left > 0 ? left : nil
    }

    static let most = 32
    static let mostOfTenant = 12
    static let mostOfOne = 8
}
