import Dialects
import Inference
import Providers

/// Who asks, and what of it he may have.
extension Exchange {
    /// Whom the request's fields name.
    func authenticated() throws(Refusal) -> ClientIdentity {
        try snapshot.authenticator.authenticate(caller, loop.identities, from: connection.peer)
    }

    /// Which models the caller may ask for.
    var rights: ModelRights {
        if case .issued(let key) = identity { key.rights } else { .all }
    }

    /// Finds the provider of a model that the caller may ask for; what he may not looks as if it did not exist (B11).
    func resolve(_ model: String?) throws(Refusal) -> RoutingTable.Decision {
        let (table, rights) = (snapshot.directory.table, rights)
        guard !rights.isUnrestricted else { return try table.resolve(model: model, header: caller.provider) }
        let decision: RoutingTable.Decision
        do throws(Refusal) {
            decision = try table.resolve(model: model, header: caller.provider)
        } catch  where error.body.code == InferenceError.Code.modelNotFound.rawValue {
            throw Refusal(table.unknownModel(model ?? "", for: rights))
        }
        guard rights.allow(decision.model, of: decision.provider.name) else {
            throw Refusal(table.unknownModel(model ?? "", for: rights))
        }
        return decision
    }

    /// Ends what runs for a key that holds no more, in the caller's own words (T11).
    func identitiesDidChange() {
        guard case .issued(let key) = identity, !loop.identities.stillHolds(key) else { return }
        switch state.failureAction() {
        case .nothing: break
        case .answer: refuse(loop.identities.keys[key.id] == nil ? .unauthenticated : .suspended)
        case .terminate:
            fail(InferenceError(.interrupted, "The key of this request was revoked, or its tenant suspended."))
        }
    }
}

extension Refusal {
    /// No key, or one that does not hold; one text for both (B14).
    static var unauthenticated: Refusal {
        Refusal(
            .unauthenticated,
            "This gateway needs one of its client keys, as Authorization: Bearer or x-api-key."
        )
        .with("www-authenticate", "Bearer")
    }

    static var suspended: Refusal {
        Refusal(.forbidden, "The tenant of this key is suspended. Ask whoever runs this gateway.")
    }
}
