import Gateway
import Logging
import Providers

extension GatewaySettings {
    /// The settings that a configuration asks for, with all secrets fetched.
    ///
    /// A provider whose secrets are not to be had is left out and named in `leftOut`; the default provider has to be usable.
    /// `host` is where the gateway listens already, whatever the configuration says: what a key has to be depends on it.
    /// Throws what keeps the default provider or a client key from being read.
    static func make(
        from configuration: Configuration,
        environment: [String: String],
        allowsAnonymousAnywhere: Bool,
        listeningOn host: String? = nil
    ) async throws(ConfigurationError) -> (settings: GatewaySettings, leftOut: [ConfigurationError]) {
        var providers: [Provider] = []
        var leftOut: [ConfigurationError] = []
        var named: [LeftOutProvider] = []
        for provider in configuration.providers {
            do throws(ConfigurationError) {
                providers.append(try await provider.resolve(environment: environment))
            } catch {
                if provider.name.value == configuration.defaultProvider?.value { throw error }
                leftOut.append(error)
                named.append(LeftOutProvider(name: provider.name.value, reason: error.message))
            }
        }
        let server = configuration.server
        var listening = server
        if let host { listening.host = Setting(host) }
        var transport = try ProviderSession.transportSettings(environment: environment)
        transport.spareConnections = 4
        var settings = GatewaySettings(
            providers: providers,
            defaultProvider: configuration.defaultProvider?.value,
            host: server.host.value,
            port: server.port.value,
            adminHost: server.adminHost.value,
            adminPort: server.adminPort.value,
            clientKeys: try listening.resolvedKeys(environment: environment),
            allowedHosts: server.allowedHosts.value,
            allowsAnonymousAnywhere: allowsAnonymousAnywhere,
            aliases: configuration.aliases.map(ModelAlias.init),
            routes: configuration.routes.map {
                RouteRule($0, providers: configuration.providers, usualAttempts: server.attemptPolicy)
            },
            preference: configuration.preference?.value,
            knownModels: KnownModels(configuration),
            limits: Limits(server.limits),
            overload: OverloadSettings(server),
            streams: StreamSettings(server),
            attempts: server.attemptPolicy,
            webSocket: WebSocketSettings(server),
            allowsPull: server.allowsPull?.value ?? false,
            state: try server.storeSettings(environment: environment),
            log: LogSettings(server),
            transport: transport,
            threads: server.threads?.value,
            version: Version.current
        )
        settings.leftOut = named
        settings.admission = AdmissionSettings(configuration)
        settings.metering = server.metering.settings(at: settings.state.place)
        settings.prices = configuration.priceSettings
        settings.budgets = try configuration.budgets.settings(environment: environment)
        settings.tokens = server.tokens.map(\.settings)
        settings.masking = server.masking.rules
        settings.capture = server.capture.settings
        settings.metrics = try server.metrics.settings(environment: environment)
        settings.clientCertificates = server.clientCertificates?.settings
        if let certificate = server.tlsCertificate?.value, let key = server.tlsKey?.value {
            settings.tls = TLS(certificateFile: certificate, keyFile: key)
        }
        return (settings, leftOut)
    }
}

extension ServerConfiguration {
    /// Where state is kept: as configured, else in the state folder of the user.
    func statePlace(environment: [String: String]) -> StoreSettings.Place {
        if stateFile?.value == "memory" { return .memory }
        return .file(stateFile?.value ?? StateFolder.path(environment) + "/torii.sqlite")
    }

    /// How conversations are kept.
    fileprivate func storeSettings(environment: [String: String]) throws(ConfigurationError) -> StoreSettings {
        var settings = StoreSettings(place: statePlace(environment: environment))
        settings.ttl = stateTTL?.value ?? settings.ttl
        settings.maximumBytes = stateBytes?.value ?? settings.maximumBytes
        guard let stateKey else { return settings }
        let name = "server.state.key"
        let secret = try stateKey.value.resolve(for: name, at: stateKey.origin.position, environment: environment)
        guard secret.reveal().utf8.count >= 16 else {
            throw ConfigurationError(
                .conflict,
                "\(name) is shorter than 16 characters",
                at: stateKey.origin.position,
                nextStep: "Make one: openssl rand -hex 32"
            )
        }
        settings.sealingKey = secret
        return settings
    }
}

extension ServerConfiguration {
    /// How hard a request is tried where no route says more.
    var attemptPolicy: AttemptPolicy { AttemptPolicy(attempts) }
}

extension StreamSettings {
    fileprivate init(_ server: ServerConfiguration) {
        self.init()
        headDelay = server.streamHeadDelay?.value ?? headDelay
        keepAlive = server.streamKeepAlive?.value ?? keepAlive
    }
}

extension WebSocketSettings {
    fileprivate init(_ server: ServerConfiguration) {
        self.init()
        isServed = server.servesWebSocket?.value ?? isServed
        idleTimeout = server.webSocketIdleTimeout?.value ?? idleTimeout
        maximumAge = server.webSocketMaximumAge?.value ?? maximumAge
    }
}

extension LogSettings {
    fileprivate init(_ server: ServerConfiguration) {
        self.init(
            format: server.logFormat.value == .json ? .json : .text,
            requests: [.debug, .info].contains(server.logLevel.value),
            level: server.logLevel.value.level
        )
    }
}

extension ServerConfiguration.LogLevel {
    fileprivate var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

extension OverloadSettings {
    /// Without a word in the configuration memory is bounded where the system bounds it: what is beyond ends the process.
    fileprivate init(_ server: ServerConfiguration) {
        self.init()
        switch server.loopLag?.value {
        case .at(let lag): loopLag = lag
        case .off: loopLag = nil
        case .share, nil: break
        }
        switch server.memory?.value ?? .share(90) {
        case .at(let bytes): memory = bytes
        case .share(let percent): memory = ProcessMemory.limit().map { $0 / 100 * percent }
        case .off: memory = nil
        }
    }
}

extension AdmissionSettings {
    init(_ configuration: Configuration) {
        self.init()
        let limits = configuration.server.limits.admission
        installation = limits.set
        allowedModels = limits.models?.value ?? []
        regions = limits.regions?.value ?? []
        models = configuration.models.compactMap { model in
            guard !model.limits.isEmpty else { return nil }
            return Model(
                model.name.value,
                provider: model.provider?.value,
                model.limits.set,
                regions: model.limits.regions?.value ?? []
            )
        }
    }
}

extension Limits {
    fileprivate init(_ given: ServerConfiguration.Limits) {
        self.init()
        body = given.body?.value ?? body
        bodiesInMemory = given.bodiesInMemory?.value ?? bodiesInMemory
        event = given.event?.value ?? event
        response = given.response?.value ?? response
        heldResponse = given.heldResponse?.value ?? heldResponse
        fields = given.fields?.value ?? fields
        fieldBytes = given.fieldBytes?.value ?? fieldBytes
        connections = given.connections?.value ?? connections
        headTimeout = given.headTimeout?.value ?? headTimeout
        bodyTimeout = given.bodyTimeout?.value ?? bodyTimeout
        keepAliveTimeout = given.keepAliveTimeout?.value ?? keepAliveTimeout
        writeTimeout = given.writeTimeout?.value ?? writeTimeout
        drainTimeout = given.drainTimeout?.value ?? drainTimeout
    }
}
