import Inference
import Providers

/// A target of a rule, with all that is known of it before a request comes.
final class RouteCandidate: Sendable {
    let target: RouteTarget
    /// The same with each of its provider's keys, where that has several.
    let byKey: [RouteTarget]
    let ability: TargetAbility
    let weight: Double
    /// Of the provider's name and the model's: what sessions are shared out by.
    let hash: UInt64
    let meter: TargetLoads.Meter
    private let prices: PriceTable

    init(
        target: RouteTarget,
        ability: TargetAbility,
        weight: Double,
        hash: UInt64,
        meter: TargetLoads.Meter,
        prices: PriceTable
    ) {
        self.target = target
        byKey = target.byKey
        self.ability = ability
        self.weight = weight
        self.hash = hash
        self.meter = meter
        self.prices = prices
    }

    /// What the target asks, and the times in milliseconds since 1970 from and until which that is so; nil where nobody says.
    func price(for query: RouteQuery) -> (price: Price?, since: Int, until: Int) {
        prices.period(of: target, for: query)
    }

    /// Whether a rule's fallback leads where this one does.
    func leads(where other: RouteTarget) -> Bool {
        target.provider.name.utf8.elementsEqual(other.provider.name.utf8)
            && target.model.utf8.elementsEqual(other.model.utf8)
    }
}

/// All targets of a rule, for one word of the caller's for the model.
final class RouteCandidates: Sendable {
    let canary: RouteCandidate?
    let targets: [RouteCandidate]
    let fallbacks: [RouteCandidate]
    let shadow: RouteCandidate?
    /// What ranking looks at of each target.
    let lots: [RouteLot]
    /// Whether all targets weigh one.
    let isEven: Bool
    /// Whether an Ollama among the targets has its model in memory.
    let hasLoaded: Bool
    private let usual = UsualPrices()

    init(
        canary: RouteCandidate?,
        targets: [RouteCandidate],
        fallbacks: [RouteCandidate],
        shadow: RouteCandidate?
    ) {
        self.canary = canary
        self.targets = targets
        self.fallbacks = fallbacks
        self.shadow = shadow
        lots = targets.map(RouteLot.init)
        isEven = targets.allSatisfy { $0.weight == 1 }
        hasLoaded = targets.contains { $0.ability.isLoaded }
    }

    /// What each target asks by the measure of `cheapest`; one of which nobody says it comes behind all others.
    func usualPrices(for query: RouteQuery) -> [Double] { usual.amounts(of: targets, for: query) }

    var count: Int { targets.count + fallbacks.count + 2 }
}

/// Puts a rule's targets together from what is known of providers and models.
struct CandidateMaker {
    let table: RoutingTable
    let answers: [String: ModelDirectory.Answer]
    let models: KnownModels
    let loads: TargetLoads
    let upstreams: ProviderStates
    let prices: PriceTable
    /// The caller's model; nil where it is a provider's own.
    let kept: String?

    /// Without those that nobody at all may ask for.
    func candidates(of rule: RouteRule) -> RouteCandidates {
        let candidates = RouteCandidates(
            canary: rule.canary.map { candidate($0.provider, $0.model) },
            targets: rule.targets.map { candidate($0.provider, $0.model, weight: $0.weight) },
            fallbacks: rule.fallbacks.map { candidate($0.provider, $0.model, causes: $0.causes) },
            shadow: rule.shadow.map { candidate($0.provider, $0.model) }
        )
        guard !table.rights.isUnrestricted else { return candidates }
        return candidates.filter { table.admits($0.model, at: $0.provider.name) }
    }

    private func candidate(
        _ name: String,
        _ model: String?,
        weight: Double = 1,
        causes: Set<InferenceError.Code>? = nil
    ) -> RouteCandidate {
        let standing = table.standing(of: name)
        let provider = standing?.provider ?? Self.missing(name)
        let asked = model ?? kept ?? provider.model ?? ""
        let ability = ability(standing, asked, isKept: model == nil)
        let meter = ability.absence == nil ? loads.meter(of: asked, at: name) : loads.nobody
        let target = RouteTarget(
            provider: provider,
            model: asked,
            dialect: standing?.dialect,
            causes: causes,
            state: standing == nil ? ProviderState() : upstreams.state(of: name),
            meter: meter
        )
        return RouteCandidate(
            target: target,
            ability: ability,
            weight: weight,
            hash: RouteHash.of(asked.utf8, after: RouteHash.of("\(name)/".utf8)),
            meter: meter,
            prices: prices
        )
    }

    private func ability(_ standing: RoutingTable.Standing?, _ model: String, isKept: Bool) -> TargetAbility {
        guard let standing else { return TargetAbility(absence: .provider) }
        guard !standing.isSelf else { return TargetAbility(absence: .gatewayItself) }
        guard !model.isEmpty else { return TargetAbility(absence: .model) }
        // What a rule names is believed, except of an Ollama, which has what it lists and nothing else.
        if isKept || standing.isOllama, standing.lists(model) == false { return TargetAbility(absence: .unlisted) }
        let catalog = answers[standing.provider.name]?.catalog ?? []
        let known = catalog.first { $0.name == model || $0.name == "\(model):latest" }
        let profile = ModelProfile(
            model,
            of: standing.provider,
            isOllama: standing.isOllama,
            known: known,
            models: models
        )
        return TargetAbility(profile, isOllama: standing.isOllama, isLoaded: standing.isOllama && known?.loaded != nil)
    }

    /// Stands for a provider that is not there; nothing is ever sent to it.
    private static func missing(_ name: String) -> Provider {
        guard let nowhere = try? BaseURL("http://localhost") else {
            preconditionFailure("http://localhost is an address")
        }
        return Provider(name: name, baseURL: nowhere)
    }
}

extension RouteCandidates {
    /// Those that somebody may ask for; for him the others do not exist.
    func allowed(by rights: ModelRights) -> RouteCandidates {
        guard !rights.isUnrestricted else { return self }
        return filter { rights.allow($0.model, of: $0.provider) }
    }

    fileprivate func filter(_ isThere: (RouteTarget) -> Bool) -> RouteCandidates {
        RouteCandidates(
            canary: canary.flatMap { isThere($0.target) ? $0 : nil },
            targets: targets.filter { isThere($0.target) },
            fallbacks: fallbacks.filter { isThere($0.target) },
            shadow: shadow.flatMap { isThere($0.target) ? $0 : nil }
        )
    }

    /// Whether there is none that could answer.
    var isEmpty: Bool { canary == nil && targets.isEmpty && fallbacks.isEmpty }
}
