package import Logging
package import Providers

/// Everything that the gateway is told at its start; values are checked already.
package struct GatewaySettings: Sendable {
    /// A certificate chain and its key, both PEM files.
    package struct TLS: Sendable, Hashable {
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// The public listener's address; port 0 lets the system choose.
    package var host: String
    package var port: Int
    /// The administration listener's address.
    package var adminHost: String
    package var adminPort: Int
    /// Keys of which callers need one; none means that callers on loopback need no key.
    package var clientKeys: [Secret]
    /// Names beside the loopback ones that a `Host` or `Origin` field may hold.
    package var allowedHosts: [String]
    package var tls: TLS?
    /// Whose signed tokens count as keys.
    package var tokens: [TokenIssuer] = []
    /// Whose certificates clients may show; only where there is `tls`.
    package var clientCertificates: ClientCertificateSettings?
    /// Whether nobody is served without proof although nothing that could prove it counts yet: a reload has named
    /// certificates that only a restart has clients asked for.
    var awaitsProof = false
    /// Serves callers without a key off loopback; a development switch.
    package var allowsAnonymousAnywhere: Bool
    /// All providers in the order of the configuration.
    package var providers: [Provider]
    /// Those of the configuration that are not among them.
    package var leftOut: [LeftOutProvider] = []
    /// The provider that takes what no rule names; the first one where nil.
    package var defaultProvider: String?
    /// Other names for models.
    package var aliases: [ModelAlias]
    /// Rules that go before the models' names, in their order.
    package var routes: [RouteRule]
    /// What callers prefer who do not say; nil for nothing.
    package var preference: RoutePreference?
    /// What is known of models by their names.
    package var knownModels: KnownModels
    /// What models cost, beside what is known of them.
    package var prices = PriceSettings()
    package var limits: Limits
    /// How much may be asked of the installation and of models.
    package var admission = AdmissionSettings()
    /// How what tenants may spend is kept.
    package var budgets = BudgetSettings()
    package var overload: OverloadSettings
    package var streams: StreamSettings
    /// How hard a request is tried that no rule says more of.
    package var attempts: AttemptPolicy
    package var webSocket: WebSocketSettings
    /// Whether callers may have Ollama fetch models.
    package var allowsPull: Bool
    /// Where Responses conversations are kept.
    package var state: StoreSettings
    /// Whether and how requests are accounted for.
    package var metering = MeteringSettings()
    /// What is personal or secret in what is said.
    package var masking = MaskRules()
    /// How what is said is kept, for tenants that want it.
    package var capture = CaptureSettings()
    /// Whether the gateway counts what it does, and who may read that.
    package var metrics = MetricsSettings()
    package var log: LogSettings
    package var transport: TransportSettings
    /// Event loops; nil means one for each core.
    package var threads: Int?
    /// The program's version, for `/status` and the `Server` field.
    package var version: String

    package init(
        providers: [Provider],
        defaultProvider: String? = nil,
        host: String = "127.0.0.1",
        port: Int = 8787,
        adminHost: String = "127.0.0.1",
        adminPort: Int = 8788,
        clientKeys: [Secret] = [],
        allowedHosts: [String] = [],
        tls: TLS? = nil,
        allowsAnonymousAnywhere: Bool = false,
        aliases: [ModelAlias] = [],
        routes: [RouteRule] = [],
        preference: RoutePreference? = nil,
        knownModels: KnownModels = KnownModels(),
        limits: Limits = Limits(),
        overload: OverloadSettings = OverloadSettings(),
        streams: StreamSettings = StreamSettings(),
        attempts: AttemptPolicy = AttemptPolicy(),
        webSocket: WebSocketSettings = WebSocketSettings(),
        allowsPull: Bool = false,
        state: StoreSettings = StoreSettings(),
        log: LogSettings = LogSettings(),
        transport: TransportSettings = TransportSettings(),
        threads: Int? = nil,
        version: String = "dev"
    ) {
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.host = host
        self.port = port
        self.adminHost = adminHost
        self.adminPort = adminPort
        self.clientKeys = clientKeys
        self.allowedHosts = allowedHosts
        self.tls = tls
        self.allowsAnonymousAnywhere = allowsAnonymousAnywhere
        self.aliases = aliases
        self.routes = routes
        self.preference = preference
        self.knownModels = knownModels
        self.limits = limits
        self.overload = overload
        self.streams = streams
        self.attempts = attempts
        self.webSocket = webSocket
        self.allowsPull = allowsPull
        self.state = state
        self.log = log
        self.transport = transport
        self.threads = threads
        self.version = version
    }
}

/// Bounds on what one caller may make the gateway hold or wait for.
package struct Limits: Sendable, Hashable {
    /// Bytes of one request's body.
    package var body: Int
    /// Bytes of all request bodies that are held at once.
    package var bodiesInMemory: Int
    /// Bytes of one event of a stream.
    package var event: Int
    /// Bytes of one response, streamed or not.
    package var response: Int
    /// Bytes of a JSON response that are held back until it is known to be whole.
    package var heldResponse: Int
    /// Header fields of one request, and their bytes with the request line.
    package var fields: Int
    package var fieldBytes: Int
    /// Open client connections.
    package var connections: Int
    /// From a connection's first byte of a request to the end of its head.
    package var headTimeout: Duration
    /// From the end of the head to the end of the body.
    package var bodyTimeout: Duration
    /// A kept connection without a request.
    package var keepAliveTimeout: Duration
    /// A response that the client does not read on.
    package var writeTimeout: Duration
    /// How long running exchanges may go on after a request to stop.
    package var drainTimeout: Duration

    package init(
        body: Int = 32 << 20,
        bodiesInMemory: Int = 512 << 20,
        event: Int = 16 << 20,
        response: Int = 1 << 30,
        heldResponse: Int = 4 << 20,
        fields: Int = 100,
        fieldBytes: Int = 32 << 10,
        connections: Int = 16_384,
        headTimeout: Duration = .seconds(10),
        bodyTimeout: Duration = .seconds(60),
        keepAliveTimeout: Duration = .seconds(300),
        writeTimeout: Duration = .seconds(60),
        drainTimeout: Duration = .seconds(30)
    ) {
        self.body = body
        self.bodiesInMemory = bodiesInMemory
        self.event = event
        self.response = response
        self.heldResponse = heldResponse
        self.fields = fields
        self.fieldBytes = fieldBytes
        self.connections = connections
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.keepAliveTimeout = keepAliveTimeout
        self.writeTimeout = writeTimeout
        self.drainTimeout = drainTimeout
    }
}

/// What a client hears of a stream that has nothing to say yet.
package struct StreamSettings: Sendable, Hashable {
    /// How long the head of a translated stream is held back, so that an early failure still has a status.
    package var headDelay: Duration
    /// How long a client hears nothing before it is told that the stream lives.
    package var keepAlive: Duration

    package init(headDelay: Duration = .seconds(3), keepAlive: Duration = .seconds(15)) {
        self.headDelay = headDelay
        self.keepAlive = keepAlive
    }
}

/// How the gateway speaks of its work.
package struct LogSettings: Sendable, Hashable {
    package enum Format: String, Sendable, Hashable, CaseIterable {
        /// One JSON object per line.
        case json
        /// `key=value` pairs for a person's eyes.
        case text
    }

    package var format: Format
    /// Whether each request gets its line.
    package var requests: Bool
    /// The least level of remarks that are written.
    package var level: Logger.Level

    package init(format: Format = .json, requests: Bool = true, level: Logger.Level = .info) {
        self.format = format
        self.requests = requests
        self.level = level
    }
}
