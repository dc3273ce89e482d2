import Dialects
import Inference
import Providers
import Synchronization

/// What a request would cost at a target, by an estimate of its tokens.
extension RouteQuery {
    /// At a price; nil for what has none.
    func cost(_ price: Price?) -> Money? {
        price?.cost(of: Usage(input: tokens, output: output), images: hasImages ? 1 : 0)
    }

    /// Why the bound of its cost stands against a target with this price; nil where it does not.
    func costFault(_ price: Price?) -> TargetFault? {
        // To count tokens costs nothing.
        guard let maxCost, route?.endpoint?.isCharged ?? true else { return nil }
        guard let cost = cost(price) else { return .unpriced }
        return cost > maxCost ? .cost(cost, most: maxCost) : nil
    }
}

extension RouteQuery {
    /// The header field with the most that a request may cost.
    static let maxCostField = "x-torii-max-cost"

    /// Reads such a field: an amount of USD such as `0.25`; nil for what is none.
    static func maxCost(_ text: String) -> Money? {
        guard text.utf8.count <= 32, text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(text).flatMap { Money(usd: $0) }
    }
}

extension RouteCandidate {
    /// The same with the target's own price.
    func costFault(_ query: RouteQuery) -> TargetFault? {
        query.maxCost == nil ? nil : query.costFault(price(for: query).price)
    }
}

extension TargetFault {
    /// Whether the request may only not cost as much.
    var isOfCost: Bool {
        switch self {
        case .cost, .unpriced: true
        case .absent, .window, .tools, .images, .route: false
        }
    }
}

extension PriceTable {
    /// What a target asks at the query's time, by what anybody says or else by the operator's rule, and the times from and until
    /// which that is so.
    func period(of target: RouteTarget, for query: RouteQuery) -> (price: Price?, since: Int, until: Int) {
        let schedule = schedule(of: target.model, at: target.provider, speaking: target.dialect, query.overrides)
        var period = schedule.period(at: query.time * 1_000)
        period.price = period.price ?? standard
        return period
    }
}

extension Endpoint {
    /// Whether a provider wants money for it.
    fileprivate var isCharged: Bool {
        switch self {
        case .inputTokens, .countTokens: false
        default: true
        }
    }
}

/// What a rule's targets ask by the measure of `cheapest`, kept until a price changes.
final class UsualPrices: Sendable {
    private struct Known {
        let overrides: PriceOverrides
        let since: Int
        let until: Int
        let amounts: [Double]
    }

    private let known = Mutex<Known?>(nil)

    /// In the targets' order; always those of the same targets.
    func amounts(of targets: [RouteCandidate], for query: RouteQuery) -> [Double] {
        let now = query.time * 1_000
        if let known = known.withLock({ $0 }), known.overrides === query.overrides, known.since <= now,
            now < known.until
        {
            return known.amounts
        }
        let periods = targets.map { $0.price(for: query) }
        let made = Known(
            overrides: query.overrides,
            since: periods.map(\.since).max() ?? .min,
            until: periods.map(\.until).min() ?? .max,
            amounts: periods.map { $0.price?.usual ?? .greatestFiniteMagnitude }
        )
        known.withLock { $0 = made }
        return made.amounts
    }
}
