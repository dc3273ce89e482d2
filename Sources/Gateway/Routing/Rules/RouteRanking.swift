#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The order of a rule's targets for one request, the first choice first.
struct RouteRanking {
    /// Nobody tries more; of a larger pool these are the best.
    static let most = 16
    /// How much worse than the best a session's own target may be before the session leaves it.
    private static let patience = 2

    /// Why a target stands behind others, whatever the strategy says; the larger, the further behind.
    struct Tier: OptionSet, Comparable {
        let rawValue: Int

        /// Another Ollama has the model in memory.
        static let notLoaded = Tier(rawValue: 1)
        /// The prompt may be too long.
        static let doubtful = Tier(rawValue: 2)

        static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
    }

    struct Place: Comparable {
        var index: Int
        var tier: Tier
        /// By the strategy; the smaller, the better.
        var score: Double
        /// By the session or by chance; decides where the scores are the same.
        var draw: Double

        static func < (left: Place, right: Place) -> Bool {
            (left.tier, left.score, left.draw, left.index) < (right.tier, right.score, right.draw, right.index)
        }
    }

    private(set) var places: [Place] = []
    /// Who cannot take the request, by their indices.
    private(set) var faults: [(index: Int, fault: TargetFault)] = []

    /// Puts the candidates in order; `turn` says whose turn it is, for the strategy that counts round.
    init(_ candidates: [RouteCandidate], _ rule: RouteRule, _ query: RouteQuery, turn: () -> Int) {
        let seed = query.seed(keepsSessions: rule.keepsSessions)
        let hasSession = rule.keepsSessions && query.session != nil
        let count = candidates.count
        let turn = rule.strategy == .roundRobin && !hasSession && count > 1 ? turn() : 0
        let loadedFirst = rule.strategy == .ordered ? 0 : rule.loadedFirst
        let isLoaded = loadedFirst > 0 && candidates.contains { $0.ability.isLoaded && $0.meter.inFlight < loadedFirst }
        let strategy = rule.strategy
        let isEven = candidates.allSatisfy { $0.weight == 1 }
        places.reserveCapacity(min(count, Self.most) + 1)
        for (index, candidate) in candidates.enumerated() {
            var tier: Tier = []
            switch candidate.ability.fit(query, candidate.target) {
            case .fits: break
            case .doubtful: tier.insert(.doubtful)
            case .cannot(let fault):
                faults.append((index, fault))
                continue
            }
            if isLoaded, candidate.ability.isOllama, !candidate.ability.isLoaded { tier.insert(.notLoaded) }
            // One target needs no lot.
            let draw = count == 1 ? 0 : Self.draw(candidate, seed, isEven: isEven)
            let score =
                switch strategy {
                case .weighted: draw
                case .roundRobin: hasSession ? draw : Double((index - turn).remainder(of: count))
                case .leastBusy: Double(candidate.meter.inFlight) / candidate.weight
                case .lowestLatency: Self.latency(candidate.meter)
                case .cheapest: candidate.ability.price ?? .greatestFiniteMagnitude
                case .ordered: Double(index)
                }
            insert(Place(index: index, tier: tier, score: score, draw: draw))
        }
        if hasSession { bringHome(candidates, strategy) }
    }

    private mutating func insert(_ place: Place) {
        if places.count == Self.most, let last = places.last, last < place { return }
        var position = places.count
        while position > 0, place < places[position - 1] { position -= 1 }
        places.insert(place, at: position)
        if places.count > Self.most { places.removeLast() }
    }

    /// A lot by which targets are drawn in proportion to their weights (weighted rendezvous hashing): it depends on the
    /// seed and on this target alone, so that a target that goes or comes moves only the sessions that are its own.
    ///
    /// Without weights the logarithm, which changes no order, is spared.
    private static func draw(_ candidate: RouteCandidate, _ seed: UInt64, isEven: Bool) -> Double {
        let fraction = RouteHash.fraction(seed, candidate.hash)
        return isEven ? -fraction : -log(fraction) / candidate.weight
    }

    /// Who has not been asked lately is asked first, by one request at a time.
    private static func latency(_ meter: TargetLoads.Meter) -> Double {
        meter.firstTokenMilliseconds ?? (meter.inFlight == 0 ? 0 : .greatestFiniteMagnitude)
    }

    /// Puts a session's own target first where the strategy goes by load, unless it fares much worse than the best.
    private mutating func bringHome(_ candidates: [RouteCandidate], _ strategy: RouteStrategy) {
        guard strategy == .leastBusy || strategy == .lowestLatency, let best = places.first else { return }
        let equals = places.prefix { $0.tier == best.tier }
        guard let home = equals.indices.min(by: { equals[$0].draw < equals[$1].draw }), home > 0 else { return }
        let (mine, other) = (candidates[places[home].index].meter, candidates[best.index].meter)
        if strategy == .leastBusy {
            guard mine.inFlight <= (other.inFlight + 1) * Self.patience else { return }
        } else if let own = mine.firstTokenMilliseconds, let shortest = other.firstTokenMilliseconds {
            guard own <= shortest * Double(Self.patience) else { return }
        }
        places.insert(places.remove(at: home), at: 0)
    }
}
