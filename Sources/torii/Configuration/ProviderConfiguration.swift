import Inference
import Providers

/// One provider as the configuration names it; its secrets are references until it is used.
struct ProviderConfiguration: Sendable {
    /// Where a provider's answers come from.
    enum Address: Sendable, Hashable, CustomStringConvertible {
        case url(BaseURL)
        /// The built-in deterministic provider; the text behind `scripted:`.
        case scripted(String)

        var description: String {
            switch self {
            case .url(let url): url.description
            case .scripted(let script): "scripted:\(script)"
            }
        }
    }

    /// One fixed header field.
    struct Header: Sendable {
        var name: String
        var value: Setting<SecretReference>
    }

    /// When the provider is left alone for a while.
    struct Breaker: Sendable {
        var failures: Setting<Int>?
        var errorRate: Setting<Double>?
        var minimum: Setting<Int>?
        var window: Setting<Duration>?
        var cooldown: Setting<Duration>?
        var longestCooldown: Setting<Duration>?
    }

    var name: Setting<String>
    var address: Setting<Address>
    /// Nil where no key was given anywhere; an empty literal says that none is wanted.
    var apiKey: Setting<SecretReference>?
    /// All keys of a provider that has several; then there is no `apiKey`.
    var apiKeys: [Setting<SecretReference>] = []
    var model: Setting<String>?
    /// Nil means that it has to be found out.
    var dialect: Setting<Dialect>?
    var headers: [Header] = []
    var authentication: Setting<Provider.Authentication>?
    var connectTimeout: Setting<Duration>?
    var firstByteTimeout: Setting<Duration>?
    var idleTimeout: Setting<Duration>?
    var totalTimeout: Setting<Duration>?
    /// These and the following are nil for the built-in ones.
    var concurrency: Setting<Int>?
    var queueLength: Setting<Int>?
    var queueTimeout: Setting<Duration>?
    var breaker = Breaker()
    var retryRatio: Setting<Double>?
    var retryFloor: Setting<Int>?
    var caFile: Setting<String>?
    var tags: Setting<[String]>?
    var numCtx: Setting<Int>?
    /// Nil leaves it to the host.
    var keepsResponses: Setting<Bool>?

    init(name: Setting<String>, address: Setting<Address>) {
        self.name = name
        self.address = address
    }

    /// The timeouts with the built-in ones where none is given.
    var timeouts: Timeouts {
        var timeouts = Timeouts()
        if let connectTimeout { timeouts.connect = connectTimeout.value }
        if let firstByteTimeout { timeouts.firstByte = firstByteTimeout.value }
        if let idleTimeout { timeouts.idle = idleTimeout.value }
        if let totalTimeout { timeouts.total = totalTimeout.value }
        return timeouts
    }

    /// The limits with the built-in ones where none is given.
    var limits: ProviderLimits {
        var limits = ProviderLimits()
        limits.concurrency = concurrency?.value
        limits.queue.length = queueLength?.value ?? limits.queue.length
        limits.queue.timeout = queueTimeout?.value ?? limits.queue.timeout
        limits.breaker.failures = breaker.failures?.value ?? limits.breaker.failures
        limits.breaker.errorRate = breaker.errorRate?.value ?? limits.breaker.errorRate
        limits.breaker.minimum = breaker.minimum?.value ?? limits.breaker.minimum
        limits.breaker.window = breaker.window?.value ?? limits.breaker.window
        limits.breaker.cooldown = breaker.cooldown?.value ?? limits.breaker.cooldown
        limits.breaker.longestCooldown = breaker.longestCooldown?.value ?? limits.breaker.longestCooldown
        limits.retries.ratio = retryRatio?.value ?? limits.retries.ratio
        limits.retries.floor = retryFloor?.value ?? limits.retries.floor
        return limits
    }

    /// How the key is presented: as configured, else `x-api-key` for Anthropic and the Messages dialect, `api-key` for Azure,
    /// and `bearer` for all others.
    var effectiveAuthentication: Provider.Authentication {
        if let authentication { return authentication.value }
        if dialect?.value == .messages { return .xAPIKey }
        guard case .url(let url) = address.value else { return .none }
        if url.host == "api.anthropic.com" { return .xAPIKey }
        return url.host.hasSuffix(".openai.azure.com") ? .apiKey : .bearer
    }

    /// The provider with its secrets fetched; this may run a command and read files, and starts a `scripted:` provider.
    ///
    /// - Throws: `unresolvedSecret` for the first secret that is not to be had.
    func resolve(environment: [String: String]) async throws(ConfigurationError) -> Provider {
        let owner = "provider \(name.value)"
        var fields: [HeaderField] = []
        for header in headers {
            let value = try header.value.value.resolve(
                for: "the header \(header.name) of \(owner)",
                at: header.value.origin.position,
                environment: environment
            )
            fields.append(HeaderField(name: header.name, value: value))
        }
        let key = try apiKey?.value.resolve(
            for: "the api_key of \(owner)",
            at: apiKey?.origin.position,
            environment: environment
        )
        var keys: [Secret] = []
        for (index, key) in apiKeys.enumerated() {
            let subject = "api_keys[\(index)] of \(owner)"
            keys.append(try key.value.resolve(for: subject, at: key.origin.position, environment: environment))
        }
        return Provider(
            name: name.value,
            baseURL: try await resolvedURL(),
            apiKey: key,
            apiKeys: keys,
            authentication: effectiveAuthentication,
            model: model?.value,
            dialect: dialect?.value,
            headers: fields,
            timeouts: timeouts,
            caFile: caFile?.value,
            tags: tags?.value ?? [],
            contextLength: numCtx?.value,
            keepsResponses: keepsResponses?.value,
            limits: limits
        )
    }

    private func resolvedURL() async throws(ConfigurationError) -> BaseURL {
        switch address.value {
        case .url(let url): return url
        case .scripted:
            do { return try await ScriptedListeners.shared.url(of: name.value) } catch {
                throw ConfigurationError(
                    .unsupported,
                    "the scripted provider cannot listen on loopback",
                    at: address.origin.position
                )
            }
        }
    }
}

/// The scripted providers of this process, each of which listens until the process ends: one that is still configured after a
/// reload stays where it is.
private actor ScriptedListeners {
    static let shared = ScriptedListeners()

    private var urls: [String: BaseURL] = [:]

    func url(of name: String) async throws -> BaseURL {
        if let known = urls[name] { return known }
        let started = try await ScriptedProvider().start()
        // Somebody else may have started one meanwhile.
        let url = urls[name] ?? started
        urls[name] = url
        return url
    }
}
