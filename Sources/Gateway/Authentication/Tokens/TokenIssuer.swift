package import Providers

/// Somebody whose signed tokens are taken for keys, and what of them counts here.
package struct TokenIssuer: Sendable, Hashable {
    /// Where its public keys are.
    package enum KeyPlace: Sendable, Hashable {
        /// Where `/.well-known/openid-configuration` below the issuer's own address says.
        case discovery(KeyAddress)
        case address(KeyAddress)
        /// A file's absolute path.
        case file(String)
    }

    /// The names of the claims that say who somebody is.
    package struct Claims: Sendable, Hashable {
        /// Holds a tenant's id or name; nil where rules alone say it.
        package var tenant: String?
        /// Holds what is compared with the names of the tenant's users.
        package var user: String
        /// Holds the words of roles; nil where rules alone say it.
        package var role: String?

        package init(tenant: String? = nil, user: String = "sub", role: String? = nil) {
            self.tenant = tenant
            self.user = user
            self.role = role
        }
    }

    /// Compared with a token's `iss` byte for byte.
    package var issuer: String
    /// A token has to be for one of them.
    package var audiences: [String]
    package var keys: KeyPlace
    /// A PEM file with the only roots that its server is trusted by; nil means the system's.
    package var caFile: String?
    package var algorithms: [TokenAlgorithm]
    /// How far its clock may be from this one; never more than a minute (F16).
    package var leeway: Duration
    /// How often its keys are fetched.
    package var refresh: Duration
    /// How long keys count that could not be fetched again since.
    package var stale: Duration
    package var claims: Claims
    /// In their order; the first that says a tenant says it, and the first that says a role and no other tenant that.
    package var rules: [IdentityRule]

    package init(
        issuer: String,
        audiences: [String],
        keys: KeyPlace,
        caFile: String? = nil,
        algorithms: [TokenAlgorithm] = TokenAlgorithm.usual,
        leeway: Duration = Self.usualLeeway,
        refresh: Duration = Self.usualRefresh,
        stale: Duration = Self.usualStale,
        claims: Claims = Claims(),
        rules: [IdentityRule] = []
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.keys = keys
        self.caFile = caFile
        self.algorithms = algorithms
        self.leeway = min(max(leeway, .zero), Self.longestLeeway)
        self.refresh = refresh
        self.stale = stale
        self.claims = claims
        self.rules = rules
    }

    package static let usualLeeway = Duration.seconds(30)
    package static let longestLeeway = Duration.seconds(60)
    package static let usualRefresh = Duration.seconds(600)
    package static let usualStale = Duration.seconds(86_400)
}

/// What a claim or a name of a certificate says of who somebody is.
package struct IdentityRule: Sendable, Hashable {
    /// The claim, or the kind of a certificate's names; nil for a rule that always holds.
    package var subject: String?
    /// What one of its values has to be; with `*` and `?`.
    package var value: ModelPattern
    /// A tenant's id or name.
    package var tenant: String?
    package var role: Role?

    package init(subject: String? = nil, value: String = "*", tenant: String? = nil, role: Role? = nil) {
        self.subject = subject
        self.value = ModelPattern(value)
        self.tenant = tenant
        self.role = role
    }
}

extension [IdentityRule] {
    /// What the rules say together of somebody whose values for each subject are these.
    ///
    /// The first rule that holds and names a tenant names it; the first that names a role does that, unless it names
    /// another tenant: what somebody is in one of them, he is not in the next. No rule guesses.
    func verdict(_ values: (String) -> [String]) -> (tenant: String?, role: Role?) {
        let holding = filter { rule in
            guard let subject = rule.subject else { return true }
            return values(subject).contains { rule.value.matches($0) }
        }
        let tenant = holding.first { $0.tenant != nil }?.tenant
        let role = holding.first { rule in
            guard rule.role != nil else { return false }
            guard let own = rule.tenant, let tenant else { return true }
            return own.utf8.elementsEqual(tenant.utf8)
        }?.role
        return (tenant, role)
    }
}
