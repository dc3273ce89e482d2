import Gateway

/// Everything that torii is told by flags, environment and file, checked; each value knows where it comes from.
struct Configuration: Sendable {
    /// The file that was read; nil where there is none.
    var file: String?
    /// In the file's order; never two of one name.
    var providers: [ProviderConfiguration] = []
    /// The provider of callers who name none; nil only where there are no providers.
    var defaultProvider: Setting<String>?
    /// A model that a flag or the environment puts in the place of the provider's own.
    var model: Setting<String>?
    var server = ServerConfiguration()
    /// Rules that go before the models' names, in the file's order.
    var routes: [RouteConfiguration] = []
    /// What callers prefer who do not say.
    var preference: Setting<RoutePreference>?
    /// How what tenants may spend is kept.
    var budgets = BudgetConfiguration()
    /// Other names for models, in the file's order.
    var aliases: [AliasConfiguration] = []
    /// What the file says of models, beside the built-in catalogue.
    var models: [ModelConfiguration] = []
    /// What models cost, beside what is said of them.
    var prices = PriceConfiguration()
    /// What is legal and yet worth a line on standard error.
    var warnings: [ConfigurationError] = []
    /// Keys of another program's file that have no meaning here.
    var leftOut: [String] = []

    /// The provider of this name, or the default one.
    ///
    /// - Throws: `unknownProvider`, with the nearest name.
    func provider(named name: String? = nil) throws(ConfigurationError) -> ProviderConfiguration {
        guard let wanted = name ?? defaultProvider?.value else {
            throw ConfigurationError(
                .unknownProvider,
                "there is no provider yet",
                nextStep: "Run torii init, or set OPENAI_API_KEY or OLLAMA_BASE_URL."
            )
        }
        if let provider = providers.first(where: { $0.name.value.utf8.elementsEqual(wanted.utf8) }) { return provider }
        throw unknown(wanted)
    }

    private func unknown(_ wanted: String) -> ConfigurationError {
        let names = providers.map(\.name.value)
        let list = names.isEmpty ? "there are none yet" : "there are \(names.joined(separator: ", "))"
        let nextStep: String
        if let near = Spelling.nearest(to: wanted, among: names) {
            nextStep = "Did you mean \(near)?"
        } else if let vendor = Vendor(name: wanted) {
            nextStep = "Add it: torii providers add \(vendor.rawValue)"
        } else {
            nextStep = "Add it: torii providers add \(wanted) --base-url URL"
        }
        return ConfigurationError(.unknownProvider, "no provider is named \(wanted); \(list)", nextStep: nextStep)
    }
}
