import Providers

/// Which names of models are told apart: those that the configuration, a rule, a price or a provider's list says.
///
/// Callers may name models as they like, and all others are `other` (T9). Confined to an event loop.
struct ToldModels {
    private var configured: Set<ByteString>
    private var priced: Set<ByteString>
    private var prices: PriceOverrides
    private var table: RoutingTable

    init(_ snapshot: Snapshot, _ prices: PriceOverrides) {
        configured = Self.configured(snapshot.settings)
        priced = Self.names(in: prices.entries)
        self.prices = prices
        table = snapshot.directory.table
    }

    mutating func adopt(_ snapshot: Snapshot) {
        configured = Self.configured(snapshot.settings)
        table = snapshot.directory.table
    }

    mutating func adopt(_ prices: PriceOverrides) {
        guard self.prices !== prices else { return }
        priced = Self.names(in: prices.entries)
        self.prices = prices
    }

    /// Goes on with what the providers list by now.
    mutating func adopt(_ table: RoutingTable) { self.table = table }

    func contains(_ model: String) -> Bool {
        let name = ByteString(model)
        return configured.contains(name) || priced.contains(name) || table.knows(name)
    }

    private static func names(in prices: [PriceEntry]) -> Set<ByteString> {
        // Patterns name nothing: what they match is for callers to say.
        Set(prices.map(\.model).filter(\.isExact).map { ByteString($0.text) })
    }

    private static func configured(_ settings: GatewaySettings) -> Set<ByteString> {
        var names = settings.providers.compactMap(\.model) + settings.knownModels.names
        for alias in settings.aliases {
            names.append(alias.model)
            if alias.pattern.isExact { names.append(alias.pattern.text) }
        }
        for rule in settings.routes {
            for target in rule.targets { names += [target.model].compactMap(\.self) }
            for fallback in rule.fallbacks { names += [fallback.model].compactMap(\.self) }
            names += [rule.canary?.model, rule.shadow?.model].compactMap(\.self)
        }
        names += settings.admission.models.map(\.pattern).filter(\.isExact).map(\.text)
        return Set(names.map { ByteString($0) }).union(Self.names(in: settings.prices.entries))
    }
}
