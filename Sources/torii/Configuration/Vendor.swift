import Inference
import Providers

/// The providers whose address and key the environment may give: the articles' two, and Anthropic.
enum Vendor: String, CaseIterable, Sendable {
    case openai, anthropic, ollama

    init?(name: String) { self.init(rawValue: name) }

    var keyVariable: String? {
        switch self {
        case .openai: "OPENAI_API_KEY"
        case .anthropic: "ANTHROPIC_API_KEY"
        case .ollama: nil
        }
    }

    var addressVariable: String {
        switch self {
        case .openai: "OPENAI_BASE_URL"
        case .anthropic: "ANTHROPIC_BASE_URL"
        case .ollama: "OLLAMA_BASE_URL"
        }
    }

    var builtInAddress: String {
        switch self {
        case .openai: "https://api.openai.com/v1"
        case .anthropic: "https://api.anthropic.com/v1"
        case .ollama: "http://localhost:11434/v1"
        }
    }

    /// The address from the environment or the built-in one; nil where the environment's is not an address.
    func address(in environment: [String: String]) -> Setting<ProviderConfiguration.Address>? {
        let given = environment[addressVariable].flatMap { $0.isEmpty ? nil : $0 }
        let address = ProviderConfiguration.address(given ?? builtInAddress)
        guard case .success(let value) = address else { return nil }
        return Setting(value, given == nil ? .builtIn : .environment(addressVariable))
    }

    /// Whether the environment names this vendor.
    func isNamed(in environment: [String: String]) -> Bool {
        [keyVariable, addressVariable].contains { $0.flatMap { environment[$0] }.map { !$0.isEmpty } ?? false }
    }

    /// The provider that the environment alone makes.
    ///
    /// - Throws: `badValue` where the variable with the address does not hold one.
    func provider(in environment: [String: String]) throws(ConfigurationError) -> ProviderConfiguration {
        guard let address = address(in: environment) else {
            throw ConfigurationError(
                .badValue,
                "the environment variable \(addressVariable) is not an address",
                nextStep: "Give it the form http://host:port/v1, or unset it."
            )
        }
        let isNamed = isNamed(in: environment)
        let name = Setting(rawValue, isNamed ? .environment(namingVariable(in: environment)) : .builtIn)
        var provider = ProviderConfiguration(name: name, address: address)
        if let key = keyVariable, let value = environment[key], !value.isEmpty {
            provider.apiKey = Setting(.environment(key), .environment(key))
        }
        if self == .anthropic { provider.dialect = Setting(.messages) }
        return provider
    }

    /// Gives a provider of the file the vendor's key where the file says nothing about a key and its address is the vendor's,
    /// so that a key never goes anywhere else.
    func fill(_ provider: inout ProviderConfiguration, environment: [String: String]) {
        guard provider.apiKey == nil, provider.apiKeys.isEmpty, let key = keyVariable, let value = environment[key],
            !value.isEmpty,
            provider.address.value == address(in: environment)?.value
        else { return }
        provider.apiKey = Setting(.environment(key), .environment(key))
    }

    private func namingVariable(in environment: [String: String]) -> String {
        if let keyVariable, let value = environment[keyVariable], !value.isEmpty { return keyVariable }
        return addressVariable
    }
}
