import Dialects
import Inference

/// Who asks, and what of it he may have.
extension Exchange {
    /// Whom the request's fields name.
    func authenticated() throws(Refusal) -> ClientIdentity {
        try snapshot.authenticator.authenticate(caller, loop.identities, from: connection.remoteAddress)
    }

    /// Which models the caller may ask for.
    var rights: ModelRights { identity.principal?.rights ?? .all }

    /// Ends what runs for a key that holds no more, in the caller's own words (T11).
    func identitiesDidChange() {
        guard case .issued(let key) = identity, !loop.identities.stillHolds(key) else { return }
        switch state.failureAction() {
        case .nothing: break
        case .answer: refuse(loop.identities.keys[key.id] == nil ? .unauthenticated : .suspended)
        case .terminate:
            giveUp(InferenceError(.interrupted, "The key of this request was revoked, or its tenant suspended."))
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
