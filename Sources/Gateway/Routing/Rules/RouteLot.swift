import Inference
import Providers

/// What putting targets in order looks at of each of them, numbers alone and side by side: a large pool is gone through
/// without touching the targets themselves.
struct RouteLot: Sendable {
    /// What may keep a target from taking a request, and how an Ollama stands.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8

        static let absent = Traits(rawValue: 1)
        static let noTools = Traits(rawValue: 1 << 1)
        static let noImages = Traits(rawValue: 1 << 2)
        static let ollama = Traits(rawValue: 1 << 3)
        static let loaded = Traits(rawValue: 1 << 4)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ ability: TargetAbility) {
            self = []
            if ability.absence != nil { insert(.absent) }
            if ability.tools == false { insert(.noTools) }
            if ability.vision == false { insert(.noImages) }
            if ability.isOllama { insert(.ollama) }
            if ability.isLoaded { insert(.loaded) }
        }

        /// Those with which a target has to be looked at more closely for a request.
        static func doubtful(for query: RouteQuery) -> Traits {
            var traits: Traits = .absent
            if query.hasTools { traits.insert(.noTools) }
            if query.hasImages { traits.insert(.noImages) }
            return traits
        }
    }

    let traits: Traits
    let hash: UInt64
    let weight: Double
    private let inputLimit: Int
    /// Lives as long as its candidate, beside which this is kept.
    private let meter: Unmanaged<TargetLoads.Meter>

    init(_ candidate: RouteCandidate) {
        traits = Traits(candidate.ability)
        hash = candidate.hash
        weight = candidate.weight
        inputLimit = candidate.ability.inputLimit ?? .max
        meter = Unmanaged.passUnretained(candidate.meter)
    }

    /// Whether nothing speaks against a request of a conversation.
    func takes(_ query: RouteQuery, _ doubtful: Traits) -> Bool {
        traits.isDisjoint(with: doubtful) && query.tokens <= inputLimit
    }

    var inFlight: Int { meter._withUnsafeGuaranteedRef { $0.inFlight } }
    var firstTokenMilliseconds: Double? { meter._withUnsafeGuaranteedRef { $0.firstTokenMilliseconds } }
}

/// By what the targets of a rule are put in order for one request; the smaller, the better.
struct RouteScale {
    let strategy: RouteStrategy
    /// Whether a session's requests stay together.
    let hasSession: Bool
    /// Whether all weights are one.
    let isEven: Bool
    /// What each target asks, where the strategy goes by that.
    private let prices: [Double]
    private let seed: UInt64
    private let turn: Int
    private let count: Int

    /// `turn` says whose turn it is, for the strategy that counts round.
    init(_ candidates: RouteCandidates, _ rule: RouteRule, _ query: RouteQuery, turn: () -> Int) {
        strategy = rule.strategy
        hasSession = rule.keepsSessions && query.session != nil
        isEven = candidates.isEven
        prices = rule.strategy == .cheapest ? candidates.usualPrices(for: query) : []
        seed = query.seed(keepsSessions: rule.keepsSessions)
        count = candidates.targets.count
        self.turn = rule.strategy == .roundRobin && !hasSession && count > 1 ? turn() : 0
    }

    /// What a target has by the strategy, or less where that is quicker to say and `draw` is it in truth.
    func least(_ lot: RouteLot, _ index: Int) -> Double {
        switch strategy {
        case .weighted: leastDraw(lot)
        case .roundRobin: hasSession ? leastDraw(lot) : Double((index - turn).remainder(of: count))
        case .leastBusy: Double(lot.inFlight) / lot.weight
        case .lowestLatency: Self.latency(lot)
        case .cheapest: prices[index]
        case .ordered: Double(index)
        }
    }

    /// Whether the draw is what the strategy goes by.
    var goesByDraw: Bool { strategy == .weighted || (strategy == .roundRobin && hasSession) }

    /// A lot by which targets are drawn in proportion to their weights (weighted rendezvous hashing): it depends on the
    /// seed and on this target alone, so that a target that goes or comes moves only the sessions that are its own.
    ///
    /// Without weights the logarithm, which changes no order, is spared; one target needs no lot.
    func draw(_ lot: RouteLot) -> Double {
        guard count > 1 else { return 0 }
        let fraction = RouteHash.fraction(seed, lot.hash)
        return isEven ? -fraction : RouteRanking.lot(fraction, lot.weight)
    }

    /// At most what `draw` is, by x - 1 being no less than the logarithm of x.
    private func leastDraw(_ lot: RouteLot) -> Double {
        guard count > 1 else { return 0 }
        let fraction = RouteHash.fraction(seed, lot.hash)
        return isEven ? -fraction : (1 - fraction) / lot.weight
    }

    /// Who has not been asked lately is asked first, by one request at a time.
    private static func latency(_ lot: RouteLot) -> Double {
        lot.firstTokenMilliseconds ?? (lot.inFlight == 0 ? 0 : .greatestFiniteMagnitude)
    }
}
