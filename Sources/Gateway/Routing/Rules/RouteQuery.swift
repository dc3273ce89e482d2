package import Inference
package import Providers

/// What routing is told of a request; what nobody knows is nil, and then no condition on it holds.
package struct RouteQuery: Sendable {
    /// As the caller wrote it, an alias or with a provider in front too.
    package var model: String
    package var dialect: Dialect
    /// The route that it came by; nil where targets need not be checked for it.
    package var route: PublicRoute?
    /// The request's header fields, `x-provider` among them.
    package var fields: Fields
    /// The value of `x-provider`.
    package var provider: String?
    /// The tenant's name; `tenantID` does as well where a rule has that.
    package var tenant: String?
    package var tenantID: String?
    package var role: String?
    package var keyLabel: String?
    /// Which models the caller may ask for; targets beyond them do not exist for him (B11).
    package var rights = ModelRights.all
    /// Seconds since 1970.
    package var time: Int
    /// Tokens of the prompt; an estimate unless `countsTokens`.
    package var tokens: Int
    /// Whether `tokens` is as good as a count, so that a window that is shorter cannot take the request.
    package var countsTokens: Bool
    package var hasTools: Bool
    package var hasImages: Bool
    /// Tokens of the answer that it asks for; an estimate where it does not say.
    package var output = RouteQuery.usualOutput
    /// USD that the caller has spent this month.
    package var spend: Double?
    /// The largest part of any of the caller's budgets that is used up, 1 for all of it; nil where no budget bounds him.
    package var budgetUsed: Double?
    /// What it may cost at the most; a target where it would cost more does not take it.
    package var maxCost: Money?
    /// The prices that go before all others.
    package var overrides = PriceOverrides.none
    package var preference: RoutePreference?
    /// A hash of what names the session; nil for a request of none.
    package var session: UInt64?
    /// A number of which each bit is chance.
    package var random: UInt64

    package init(
        model: String,
        dialect: Dialect = .chat,
        route: PublicRoute? = nil,
        fields: Fields = Fields(),
        provider: String? = nil,
        tenant: String? = nil,
        tenantID: String? = nil,
        role: String? = nil,
        keyLabel: String? = nil,
        time: Int = 0,
        tokens: Int = 0,
        countsTokens: Bool = false,
        hasTools: Bool = false,
        hasImages: Bool = false,
        spend: Double? = nil,
        preference: RoutePreference? = nil,
        session: UInt64? = nil,
        random: UInt64 = 0
    ) {
        self.model = model
        self.dialect = dialect
        self.route = route
        self.fields = fields
        self.provider = provider
        self.tenant = tenant
        self.tenantID = tenantID
        self.role = role
        self.keyLabel = keyLabel
        self.time = time
        self.tokens = tokens
        self.countsTokens = countsTokens
        self.hasTools = hasTools
        self.hasImages = hasImages
        self.spend = spend
        self.preference = preference
        self.session = session
        self.random = random
    }

    /// What an answer is taken to have where nobody says.
    package static let usualOutput = 1_024

    /// The same for a rule that has a bound of its own; the narrower one counts.
    func bounded(by most: Money?) -> RouteQuery {
        guard let most else { return self }
        var copy = self
        copy.maxCost = min(maxCost ?? most, most)
        return copy
    }

    /// What the targets' order follows: the session's own hash where sessions are kept, else chance.
    func seed(keepsSessions: Bool) -> UInt64 {
        keepsSessions ? session ?? random : random
    }
}

/// Hashes that are the same in every process, so that all gateways send a session to one target.
package enum RouteHash {
    /// FNV-1a over the bytes; `seed` is the hash of what stood before them.
    package static func of(_ bytes: some Sequence<UInt8>, after seed: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// Spreads a hash over all bits (the finaliser of SplitMix64).
    package static func mixed(_ hash: UInt64) -> UInt64 {
        var mixed = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number above 0 and not above 1 that two hashes have in common.
    static func fraction(_ left: UInt64, _ right: UInt64) -> Double {
        let mixed = mixed(left ^ RouteHash.mixed(right &+ 0x9E37_79B9_7F4A_7C15))
        return Double((mixed >> 11) &+ 1) * 0x1p-53
    }
}

/// Chance without a system call each time (SplitMix64); confined to its event loop.
package struct RouteDice: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// One that nobody can foresee.
    package static let random: @Sendable () -> RouteDice = {
        var generator = SystemRandomNumberGenerator()
        return RouteDice(seed: generator.next())
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return RouteHash.mixed(state)
    }
}
