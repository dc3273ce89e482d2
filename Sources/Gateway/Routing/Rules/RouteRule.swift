package import Inference
package import Providers

/// One rule of `routes`: whom it is for, and where their requests go.
///
/// Providers are named, and looked up when the rules are put to use; a name that is not there is a target that is not there.
package struct RouteRule: Sendable, Hashable {
    /// A model at a provider, among others that would do as well.
    package struct Target: Sendable, Hashable {
        package var provider: String
        /// Nil keeps the caller's.
        package var model: String?
        /// Its share beside the other targets' weights.
        package var weight: Double

        package init(_ provider: String, model: String? = nil, weight: Double = 1) {
            self.provider = provider
            self.model = model
            self.weight = weight
        }
    }

    /// What takes over when the targets have failed, for some reasons or for any.
    package struct Fallback: Sendable, Hashable {
        package var provider: String
        package var model: String?
        /// Nil means every failure that another target may mend.
        package var causes: Set<InferenceError.Code>?

        package init(_ provider: String, model: String? = nil, causes: Set<InferenceError.Code>? = nil) {
            self.provider = provider
            self.model = model
            self.causes = causes
        }
    }

    /// A target for a part of the requests.
    package struct Share: Sendable, Hashable {
        package var provider: String
        package var model: String?
        /// From 0 to 100.
        package var percent: Double

        package init(_ provider: String, model: String? = nil, percent: Double) {
            self.provider = provider
            self.model = model
            self.percent = percent
        }
    }

    /// Unique among the rules.
    package var name: String
    package var conditions: RouteConditions
    package var targets: [Target]
    package var strategy: RouteStrategy
    /// Whether the requests of one session go to one target, as long as nothing speaks against it.
    package var keepsSessions: Bool
    /// An Ollama with the model in memory goes before one without while it has fewer requests under way than this.
    package var loadedFirst: Int
    package var fallbacks: [Fallback]
    /// What a request may cost at a target that takes it, by an estimate; nil for as much as it may.
    package var maxCost: Money?
    /// Is tried first for a part of the requests.
    package var canary: Share?
    /// Gets a copy of a part of the requests.
    package var shadow: Share?
    package var policy: AttemptPolicy

    package init(
        _ name: String,
        when conditions: RouteConditions = RouteConditions(),
        targets: [Target],
        strategy: RouteStrategy = .weighted,
        keepsSessions: Bool = true,
        loadedFirst: Int = 4,
        fallbacks: [Fallback] = [],
        maxCost: Money? = nil,
        canary: Share? = nil,
        shadow: Share? = nil,
        policy: AttemptPolicy = AttemptPolicy()
    ) {
        self.name = name
        self.conditions = conditions
        self.targets = targets
        self.strategy = strategy
        self.keepsSessions = keepsSessions
        self.loadedFirst = loadedFirst
        self.fallbacks = fallbacks
        self.maxCost = maxCost
        self.canary = canary
        self.shadow = shadow
        self.policy = policy
    }
}

/// In which order a rule's targets are tried.
package enum RouteStrategy: String, Sendable, Hashable, CaseIterable {
    /// By chance, in proportion to the weights.
    case weighted
    /// One after the other.
    case roundRobin = "round-robin"
    /// The one with the fewest requests under way for its weight.
    case leastBusy = "least-busy"
    /// The one whose first token has come soonest lately.
    case lowestLatency = "lowest-latency"
    /// The one whose model costs least.
    case cheapest
    /// As they are written.
    case ordered
}

/// What a caller would rather have where not everything is to be had.
package enum RoutePreference: String, Sendable, Hashable, CaseIterable {
    case quality, cost, speed
}
