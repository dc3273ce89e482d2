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
            if left.tier != right.tier { return left.tier < right.tier }
            if left.score != right.score { return left.score < right.score }
            return left.draw == right.draw ? left.index < right.index : left.draw < right.draw
        }
    }

    private(set) var places: [Place] = []
    /// Who cannot take the request, by their indices.
    private(set) var faults: [(index: Int, fault: TargetFault)] = []

    /// Puts the candidates in order; `turn` says whose turn it is, for the strategy that counts round.
    init(_ candidates: RouteCandidates, _ rule: RouteRule, _ query: RouteQuery, turn: () -> Int) {
        let (scale, lots) = (RouteScale(candidates, rule, query, turn: turn), candidates.lots)
        let loadedFirst = rule.strategy == .ordered || !candidates.hasLoaded ? 0 : rule.loadedFirst
        let isLoaded = loadedFirst > 0 && lots.contains { $0.traits.contains(.loaded) && $0.inFlight < loadedFirst }
        let isConversation = query.route?.endpoint?.isConversation ?? true
        let looksAtAll = query.maxCost != nil || !isConversation
        let doubtful = RouteLot.Traits.doubtful(for: query)
        places.reserveCapacity(min(lots.count, Self.most))
        for index in lots.indices {
            let lot = lots[index]
            var tier: Tier = []
            if looksAtAll || !lot.takes(query, doubtful) {
                switch candidates.targets[index].fit(query) {
                case .fits: break
                case .doubtful: tier.insert(.doubtful)
                case .cannot(let fault):
                    faults.append((index, fault))
                    continue
                }
            }
            if isLoaded, lot.traits.contains(.ollama), !lot.traits.contains(.loaded) { tier.insert(.notLoaded) }
            let least = scale.least(lot, index)
            if places.count == Self.most, let last = places.last, (tier, least) > (last.tier, last.score) { continue }
            let draw = scale.draw(lot)
            insert(Place(index: index, tier: tier, score: scale.goesByDraw ? draw : least, draw: draw))
        }
        if scale.hasSession { bringHome(lots, scale.strategy) }
    }

    private mutating func insert(_ place: Place) {
        if places.count < Self.most {
            places.append(place)
        } else if let last = places.last, last < place {
            return
        }
        places.withUnsafeMutableBufferPointer { places in
            var position = places.count - 1
            while position > 0, place < places[position - 1] {
                places[position] = places[position - 1]
                position -= 1
            }
            places[position] = place
        }
    }

    /// What weighs twice as much is drawn twice as often.
    static func lot(_ fraction: Double, _ weight: Double) -> Double { -log(fraction) / weight }

    /// Puts a session's own target first where the strategy goes by load, unless it fares much worse than the best.
    private mutating func bringHome(_ lots: [RouteLot], _ strategy: RouteStrategy) {
        guard strategy == .leastBusy || strategy == .lowestLatency, let best = places.first else { return }
        let equals = places.prefix { $0.tier == best.tier }
        guard let home = equals.indices.min(by: { equals[$0].draw < equals[$1].draw }), home > 0 else { return }
        let (mine, other) = (lots[places[home].index], lots[best.index])
        if strategy == .leastBusy {
            guard mine.inFlight <= (other.inFlight + 1) * Self.patience else { return }
        } else if let own = mine.firstTokenMilliseconds, let shortest = other.firstTokenMilliseconds {
            guard own <= shortest * Double(Self.patience) else { return }
        }
        places.insert(places.remove(at: home), at: 0)
    }
}
