import Dialects
import NIOCore
import Providers

/// Decides who may ask: the holder of a key that was issued or of one of the static client keys, and somebody for whom a
/// token or a certificate speaks; anybody on loopback where there is none of these.
package struct Authenticator: Sendable {
    private let keys: [[UInt8]]
    private let owners: [Owner]
    /// Whether callers without a key are served while there are no keys.
    private let servesAnonymous: Bool
    /// Whether callers have to prove who they are although there is nothing yet by which they could.
    private let awaitsProof: Bool
    let tokens: TokenVerifier
    private let certificateRules: [IdentityRule]
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int

    init(
        keys: [Secret],
        servesAnonymous: Bool = true,
        awaitsProof: Bool = false,
        tokens: TokenVerifier? = nil,
        certificateRules: [IdentityRule] = [],
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) {
        let keys = keys.filter { !$0.isEmpty }
        self.keys = keys.map { Array($0.reveal().utf8) }
        owners = keys.map { Owner(key: $0) }
        self.tokens = tokens ?? TokenVerifier([], sources: [], clock: clock)
        self.certificateRules = certificateRules
        takesOutsiders = !self.tokens.isEmpty || !certificateRules.isEmpty
        self.servesAnonymous = servesAnonymous && keys.isEmpty && !takesOutsiders && !awaitsProof
        self.awaitsProof = awaitsProof
        self.clock = clock
    }

    /// Whether the configuration alone makes callers prove who they are, whatever the store says.
    var wantsProof: Bool { !keys.isEmpty || takesOutsiders || awaitsProof }

    /// Whether tokens or certificates can say who somebody is.
    let takesOutsiders: Bool

    /// The name by which a caller's things are kept.
    func owner(of identity: ClientIdentity) -> Owner {
        switch identity {
        case .anonymous: .anonymous
        case .key(let place): owners[place]
        case .issued(let key): key.principal.owner
        case .outside(_, let principal): principal.owner
        }
    }

    /// What a caller has to prove who he is, beside the fields of the request.
    struct Proof {
        var certificate: ClientCertificate?
        var cache: TokenCache?
        /// Where one may wait who has not waited yet.
        var eventLoop: (any EventLoop)?
    }

    /// Who asks, or what there is to wait for until that can be said.
    enum Outcome {
        case known(ClientIdentity)
        /// The keys of a token's issuer have to be fetched first.
        case wait(EventLoopFuture<Void>)
    }

    /// Checks the caller's credential in `Authorization: Bearer`, `x-api-key` or `api-key`, and his certificate, and says
    /// who he is.
    ///
    /// - Throws: `Refusal` 401 for a missing or wrong key or token, with one text for all (B14, B15); 400 for two that
    ///   disagree; 403 for an anonymous caller that somebody else forwarded, for a key that asks no models, and for a
    ///   certificate of another tenant than the key's; 503 where a token's issuer does not give its keys.
    func authenticate(
        _ fields: CallerFields,
        _ identities: IdentitySnapshot,
        _ proof: Proof = Proof(),
        from address: @autoclosure () -> SocketAddress?
    ) throws(Refusal) -> Outcome {
        let credential = try Self.credential(in: fields)
        if servesAnonymous, !identities.isInUse {
            try refuseForwarded(fields)
            return .known(.anonymous)
        }
        let vouched = try proof.certificate.flatMap { (certificate) throws(Refusal) in
            try outside(certificate, identities)
        }
        guard let credential, vouched == nil || !Self.isNothing(credential) else {
            guard let vouched else { throw .unauthenticated }
            return .known(vouched)
        }
        let identity: ClientIdentity
        if let key = identities.key(credential, from: address()) {
            try checkAsks(key.principal)
            identity = .issued(key)
        } else {
            switch try outside(credential, identities, proof) {
            case .wait(let future): return .wait(future)
            case .known(let found): identity = found
            case nil:
                guard let place = place(of: Array(credential.utf8)) else { throw .unauthenticated }
                identity = .key(place)
            }
        }
        if let vouched, identity.principal == nil || identity.principal?.tenant != vouched.principal?.tenant {
            throw Refusal(
                .forbidden,
                "The key and the client certificate belong to different tenants. Send one of them."
            )
        }
        return .known(identity)
    }

    /// Whether it takes a signature's verification to say who asks, which costs more than all else that a head does.
    func hasToVerify(_ fields: CallerFields, _ cache: TokenCache?) -> Bool {
        guard !tokens.isEmpty, let credential = try? Self.credential(in: fields), TokenText.isToken(credential) else {
            return false
        }
        return cache?.holds(TokenDigest(credential)) != true
    }

    /// Whom a token stands for; nil for a credential that is no token that holds.
    private func outside(
        _ credential: Substring,
        _ identities: IdentitySnapshot,
        _ proof: Proof
    ) throws(Refusal) -> Outcome? {
        guard !tokens.isEmpty, TokenText.isToken(credential) else { return nil }
        switch tokens.verdict(credential, identities, proof.cache, on: proof.eventLoop) {
        case .bad: return nil
        case .wait(let future): return .wait(future)
        case .unavailable(let seconds): throw .tokenKeysUnavailable(retryAfter: seconds)
        case .good(let identity, let principal): return .known(try known(identity, principal))
        }
    }

    /// Whom a certificate stands for; nil for one of which no rule says anything.
    private func outside(
        _ certificate: ClientCertificate,
        _ identities: IdentitySnapshot
    ) throws(Refusal) -> ClientIdentity? {
        guard let identity = certificate.identity(by: certificateRules) else { return nil }
        guard certificate.isTimely(clock()) else { throw .unauthenticated }
        return try known(identity, identities.scopes.principal(of: identity))
    }

    private func known(_ identity: OutsideIdentity, _ principal: Principal?) throws(Refusal) -> ClientIdentity {
        guard let principal else {
            throw Refusal(.forbidden, "The tenant that you belong to is none of this gateway. Ask whoever runs it.")
        }
        try checkAsks(principal)
        return .outside(identity, principal)
    }

    private func checkAsks(_ principal: Principal) throws(Refusal) {
        guard !principal.isSuspended else { throw .suspended }
        guard principal.scopes.contains(.models) else {
            throw Refusal(.forbidden, "This key asks no models. Use one with the scope models.")
        }
    }

    /// Whether a credential is what clients send that cannot send none; it counts as none beside a certificate.
    private static func isNothing(_ credential: Substring) -> Bool {
        credential.isEmpty || credential == "not-required"
    }

    /// The one key that a request carries.
    static func credential(in fields: CallerFields) throws(Refusal) -> Substring? {
        try one(try one(fields.bearer, fields.xAPIKey), fields.apiKey).map { $0[...] }
    }

    private static func one(_ first: String?, _ second: String?) throws(Refusal) -> String? {
        guard let first, let second else { return first ?? second }
        guard first.utf8.elementsEqual(second.utf8) else {
            throw Refusal(.conflictingCredentials, "The request carries two keys that disagree. Send one.")
        }
        return first
    }

    /// The place of a key among all; compares with every one in a time that does not depend on where they differ.
    private func place(of credential: [UInt8]) -> Int? {
        var place: Int?
        for (number, key) in keys.enumerated() {
            var difference = UInt(bitPattern: key.count ^ credential.count)
            for index in key.indices {
                difference |= UInt(key[index] ^ (index < credential.count ? credential[index] : 0))
            }
            if difference == 0 { place = number }
        }
        return place
    }

    /// Loopback proves nothing about a caller whom a proxy on this machine let in.
    private func refuseForwarded(_ fields: CallerFields) throws(Refusal) {
        guard fields.isForwarded else { return }
        throw Refusal(.forbidden, "A forwarded request needs a client key. Set server.keys and send one of them.")
    }
}
