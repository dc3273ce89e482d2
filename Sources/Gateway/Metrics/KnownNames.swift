import Providers

/// The names of models that somebody other than a caller has said: a provider's or a rule's configuration, an alias, a price or a
/// provider's list.
///
/// Callers may name models as they like, so that every other name is one and the same wherever something is counted by names.
final class KnownNames: Sendable {
    /// What stands for all names that are not known.
    static let other = "other"
    /// In bytes; nothing longer is a name.
    static let longest = 512

    private let names: Set<ByteString>
    private let prices: PriceList

    /// `listings` is what each provider lists; of `prices` those count whose names are no patterns.
    init(
        providers: [Provider] = [],
        aliases: [ModelAlias] = [],
        rules: [RouteRule] = [],
        listings: [RoutingTable.Listing] = [],
        prices: PriceList = PriceList([])
    ) {
        var names = providers.compactMap(\.model)
        for alias in aliases {
            names.append(alias.model)
            if alias.pattern.isExact { names.append(alias.pattern.text) }
        }
        for rule in rules {
            names += rule.targets.compactMap(\.model) + rule.fallbacks.compactMap(\.model)
            names += [rule.canary?.model, rule.shadow?.model].compactMap(\.self)
        }
        for case .models(let listed) in listings {
            names += listed
            // Ollama takes a name without its tag for this one.
            names += listed.filter { $0.hasSuffix(":latest") }.map { String($0.dropLast(7)) }
        }
        self.names = Set(names.map { ByteString($0) })
        self.prices = prices
    }

    /// The name under which a model counts: its own, the one that a price has for it, or `other`.
    ///
    /// `overrides` are the prices that an administrator has set.
    func name(of model: String, _ overrides: PriceOverrides = .none) -> String {
        guard model.utf8.count <= Self.longest else { return Self.other }
        if model.isEmpty || names.contains(ByteString(model)) { return model }
        let name = PriceName(model)
        return overrides.list.exactName(of: name) ?? prices.exactName(of: name) ?? Self.other
    }
}
