import Providers

/// The names of models that somebody other than a caller has said: the configuration, an alias, a rule, a limit, a price, the
/// catalogue or a provider's list.
///
/// Callers may name models as they like, so that every other name is one and the same wherever something is counted by names.
final class KnownNames: Sendable {
    /// What stands for all names that are not known.
    static let other = MetricName.other
    /// In bytes; nothing longer is a name.
    static let longest = 512

    /// As they are said.
    private let said: Set<ByteString>
    /// In lower case; they are meant in any case, with an organisation in front or without, as those of prices are.
    private let loose: Set<ByteString>
    private let prices: PriceList
    private let listed: Set<ByteString>

    /// `listings` is what each provider lists; of patterns those count that are whole names.
    init(
        providers: [Provider] = [],
        aliases: [ModelAlias] = [],
        rules: [RouteRule] = [],
        models: [String] = [],
        limits: [ModelPattern] = [],
        prices: PriceList = PriceList([]),
        listings: [RoutingTable.Listing] = []
    ) {
        var said = providers.compactMap(\.model)
        for alias in aliases {
            said.append(alias.model)
            if alias.pattern.isExact { said.append(alias.pattern.text) }
        }
        for rule in rules {
            said += rule.targets.compactMap(\.model) + rule.fallbacks.compactMap(\.model)
            said += [rule.canary?.model, rule.shadow?.model].compactMap(\.self)
        }
        self.said = Set(said.map { ByteString($0) })
        loose = Set((models + limits.filter(\.isExact).map(\.text)).map { ByteString($0.lowercased()) })
        self.prices = prices
        listed = Self.listed(listings)
    }

    private init(_ other: KnownNames, listed: Set<ByteString>) {
        (said, loose, prices) = (other.said, other.loose, other.prices)
        self.listed = listed
    }

    /// The same with what the providers list by now.
    func listing(_ listings: [RoutingTable.Listing]) -> KnownNames {
        KnownNames(self, listed: Self.listed(listings))
    }

    /// The name under which a model counts: its own, the one in lower case by which it is meant elsewhere, or `other`.
    ///
    /// `overrides` are the prices that an administrator has set.
    func name(of model: String, _ overrides: PriceOverrides = .none) -> String {
        guard model.utf8.count <= Self.longest else { return Self.other }
        let whole = ByteString(model)
        if model.isEmpty || said.contains(whole) || listed.contains(whole) { return model }
        let name = PriceName(model)
        return overrides.list.exactName(of: name) ?? prices.exactName(of: name) ?? looseName(of: name) ?? Self.other
    }

    private func looseName(of name: PriceName) -> String? {
        if loose.contains(ByteString(name.whole)) { return name.whole }
        guard let short = name.short, loose.contains(ByteString(short)) else { return nil }
        return short
    }

    private static func listed(_ listings: [RoutingTable.Listing]) -> Set<ByteString> {
        var names: Set<ByteString> = []
        for case .models(let listed) in listings {
            for name in listed {
                names.insert(ByteString(name))
                // Ollama takes a name without its tag for this one.
                if name.hasSuffix(":latest") { names.insert(ByteString(String(name.dropLast(7)))) }
            }
        }
        return names
    }
}
