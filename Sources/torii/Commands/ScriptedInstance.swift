import Providers

/// The scripted provider of this process: it begins to listen when a configured provider is first used that names it.
actor ScriptedInstance {
    static let shared = ScriptedInstance()

    private let provider = ScriptedProvider()
    private var starting: Task<BaseURL, any Error>?

    /// Where it listens; every caller gets the same address.
    func address() async throws -> BaseURL {
        if let starting { return try await starting.value }
        // A task of its own, so that callers who come while it starts wait for the same listener.
        let task = Task { [provider] in try await provider.start() }
        starting = task
        return try await task.value
    }
}

extension ProviderConfiguration {
    /// The provider with its secrets fetched, and listening if it is the scripted one.
    func start(environment: [String: String]) async throws(ConfigurationError) -> Provider {
        guard case .scripted = address.value else { return try resolve(environment: environment) }
        let scripted: BaseURL
        do {
            scripted = try await ScriptedInstance.shared.address()
        } catch {
            throw ConfigurationError(.unsupported, "the scripted provider cannot listen: \(error)", at: address.origin.position)
        }
        return try resolve(environment: environment, scripted: scripted)
    }
}
