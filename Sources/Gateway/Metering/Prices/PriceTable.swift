import Dialects
package import Inference
package import Providers
import Synchronization

/// What every model costs at every provider: the one truth about prices, for bills, budgets and routes alike.
///
/// The first one that says something decides: the overrides, the configuration's `prices`, the `price` of the configuration's
/// `models`, the built-in catalogue, and that an Ollama of one's own costs nothing. Where none does, the operator's rule counts.
/// What was found of a model is kept, so that a request reads a dictionary; what is kept has a bound, as callers may name models
/// as they like.
package final class PriceTable: Sendable {
    private struct Key: Hashable {
        let provider: ByteString
        let model: ByteString
        let isOllama: Bool
    }

    private struct Known {
        private static let most = 8_192

        /// Those that it was found with.
        private var overrides: PriceOverrides?
        private var found: [Key: PriceSchedule] = [:]

        func schedule(_ key: Key, _ overrides: PriceOverrides) -> PriceSchedule? {
            self.overrides === overrides ? found[key] : nil
        }

        mutating func keep(_ schedule: PriceSchedule, _ key: Key, _ overrides: PriceOverrides) {
            if self.overrides !== overrides || found.count >= Self.most {
                self.overrides = overrides
                found.removeAll(keepingCapacity: true)
            }
            found[key] = schedule
        }
    }

    private let unknown: PriceSettings.Unknown?
    /// The configuration's `prices`.
    let list: PriceList
    private let models: KnownModels
    private let known = Mutex(Known())

    package init(_ settings: PriceSettings = PriceSettings(), known models: KnownModels = KnownModels()) {
        unknown = settings.unknown
        list = PriceList(settings.entries)
        self.models = models
    }

    /// What a model costs at a time, in milliseconds since 1970, by what anybody says or else by the operator's rule; nil where
    /// neither says something.
    ///
    /// `model` is what the provider is asked for, `dialect` what it speaks as far as it is known.
    package func price(
        of model: String,
        at provider: Provider,
        speaking dialect: Dialect?,
        at milliseconds: Int,
        overrides: PriceOverrides = .none
    ) -> Price? {
        schedule(of: model, at: provider, speaking: dialect, overrides).price(at: milliseconds) ?? standard
    }

    /// What is to be done about a request that is sent there; `hasBudget` says whether a budget would have to bear it.
    package func answer(
        of model: String,
        at provider: Provider,
        speaking dialect: Dialect?,
        at milliseconds: Int,
        overrides: PriceOverrides = .none,
        hasBudget: Bool
    ) -> PriceAnswer {
        let price = price(of: model, at: provider, speaking: dialect, at: milliseconds, overrides: overrides)
        if let price { return .priced(price) }
        return unknown == .refuse || hasBudget ? .refused : .unpriced
    }

    /// What is told where the answer is `refused`.
    package static func refusal(of model: String, at provider: Provider) -> Refusal {
        Refusal(
            .priceUnknown,
            """
            Nobody says what the model \(model) costs at \(provider.name), so that no budget can bear it. An operator sets its \
            price: torii prices create \(model) --provider \(provider.name) --input USD --output USD, \
            or prices in the configuration, where prices.unknown says what holds for all others.
            """,
            field: "model"
        )
    }

    /// What the operator's rule makes of a model of which nobody says what it costs.
    var standard: Price? {
        switch unknown {
        case .free: .free
        case .standard(let price): price
        case .refuse, nil: nil
        }
    }

    /// What anybody says of it, at each time.
    func schedule(
        of model: String,
        at provider: Provider,
        speaking dialect: Dialect?,
        _ overrides: PriceOverrides
    ) -> PriceSchedule {
        let isOllama = dialect == .ollama || (dialect == nil && provider.baseURL.port == Self.ollamaPort)
        let key = Key(provider: ByteString(provider.name), model: ByteString(model), isOllama: isOllama)
        if let found = known.withLock({ $0.schedule(key, overrides) }) { return found }
        let made = make(model, provider, isOllama, overrides)
        known.withLock { $0.keep(made, key, overrides) }
        return made
    }

    private func make(
        _ model: String,
        _ provider: Provider,
        _ isOllama: Bool,
        _ overrides: PriceOverrides
    ) -> PriceSchedule {
        let name = PriceName(model)
        let own = isOllama && Self.isOwnMachine(provider, model) ? Price.free : nil
        return PriceSchedule(
            [overrides.list, list].map { $0.entries(for: name, at: provider.name) },
            else: models.facts(of: model, at: provider).price.map { Price($0) } ?? own
        )
    }

    /// Whether an Ollama runs a model by itself: its makers' cloud, through whichever Ollama it is asked, wants money.
    private static func isOwnMachine(_ provider: Provider, _ model: String) -> Bool {
        let host = provider.baseURL.host
        return host != "ollama.com" && !host.hasSuffix(".ollama.com") && !model.hasSuffix("cloud")
    }

    /// Who listens there is one unless it turns out otherwise.
    private static let ollamaPort = 11_434
}
