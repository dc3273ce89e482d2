import Dialects
import Inference

/// Who asks, and what of it he may have.
extension Exchange {
    /// Whom the request's fields and the connection name.
    ///
    /// - Throws: 503 and no 401 where the store cannot be read that might know the key (F19).
    func authentication(mayWait: Bool) throws(Refusal) -> Authenticator.Outcome {
        let health = loop.shared.storeHealth
        guard health.isBroken else { return try whoAsks(mayWait: mayWait) }
        do throws(Refusal) {
            let outcome = try whoAsks(mayWait: mayWait)
            if case .known(.issued) = outcome, health.isTooOld(at: loop.now) { throw .keysUnavailable }
            return outcome
        } catch {
            let isUnknown = error.body.code == RequestFault.unauthenticated.rawValue && caller.namesIssuedKey
            throw isUnknown ? .keysUnavailable : error
        }
    }

    private func whoAsks(mayWait: Bool) throws(Refusal) -> Authenticator.Outcome {
        let authenticator = snapshot.authenticator
        guard authenticator.takesOutsiders else {
            return try authenticator.authenticate(caller, loop.identities, from: connection.remoteAddress)
        }
        // What another configuration has found good says nothing here.
        let cache = loop.snapshot === snapshot ? loop.tokens : nil
        // Made-up tokens must not keep a gateway busy that has too much to do; of a new one nobody knows the tenant yet.
        if loop.shedding != nil, authenticator.hasToVerify(caller, cache) { try refuseOverload() }
        let proof = Authenticator.Proof(
            certificate: connection.certificate,
            cache: cache,
            eventLoop: mayWait ? loop.eventLoop : nil
        )
        return try authenticator.authenticate(caller, loop.identities, proof, from: connection.remoteAddress)
    }

    /// Which models the caller may ask for.
    var rights: ModelRights { identity.principal?.rights ?? .all }

    /// Ends what runs for somebody who may ask no more, in the caller's own words (T11).
    func identitiesDidChange() {
        guard let end = loop.identities.end(of: identity) else { return }
        switch state.failureAction() {
        case .nothing: break
        case .answer: refuse(end == .gone ? .unauthenticated : .suspended)
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

    /// Whether a key holds cannot be said without the store.
    static var keysUnavailable: Refusal { Refusal(.keysUnavailable, retryAfter: 5) }

    /// Whether a token holds cannot be said without its issuer's keys.
    static func tokenKeysUnavailable(retryAfter seconds: Int) -> Refusal {
        Refusal(.tokenKeysUnavailable, retryAfter: Double(seconds))
    }
}
