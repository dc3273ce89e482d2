/// The part of the configuration that `torii serve` reads.
struct ServerConfiguration: Sendable {
    enum LogFormat: String, Sendable, CaseIterable { case json, text }

    enum LogLevel: String, Sendable, CaseIterable { case debug, info, warning, error }

    /// Bounds on what a caller may make the gateway hold or wait for; sizes in bytes, nil for the gateway's own default.
    struct Limits: Sendable {
        var body: Setting<Int>?
        var bodiesInMemory: Setting<Int>?
        var event: Setting<Int>?
        var response: Setting<Int>?
        var heldResponse: Setting<Int>?
        var fields: Setting<Int>?
        var fieldBytes: Setting<Int>?
        var connections: Setting<Int>?
        var headTimeout: Setting<Duration>?
        var bodyTimeout: Setting<Duration>?
        var keepAliveTimeout: Setting<Duration>?
        var writeTimeout: Setting<Duration>?
        var drainTimeout: Setting<Duration>?
        /// How much may be asked of the gateway in all.
        var admission = LimitConfiguration()
    }

    /// A bound that can be taken away.
    enum Bound<Value: Sendable & Hashable>: Sendable, Hashable {
        case off
        case at(Value)
        /// A part of what the system allows, in percent.
        case share(Int)
    }

    var host = Setting("127.0.0.1")
    var port = Setting(8787)
    var adminHost = Setting("127.0.0.1")
    var adminPort = Setting(8788)
    /// Keys of which a caller needs one; none means that callers on loopback need no key.
    var keys: [Setting<SecretReference>] = []
    var allowedHosts = Setting<[String]>([])
    /// PEM files; both or none.
    var tlsCertificate: Setting<String>?
    var tlsKey: Setting<String>?
    /// Whose certificates clients may show.
    var clientCertificates: ClientCertificateConfiguration?
    /// Whose signed tokens count as keys.
    var tokens: [TokenConfiguration] = []
    var threads: Setting<Int>?
    /// Whether callers may have Ollama fetch models; this and the following are nil for the gateway's own default.
    var allowsPull: Setting<Bool>?
    var servesWebSocket: Setting<Bool>?
    var webSocketIdleTimeout: Setting<Duration>?
    var webSocketMaximumAge: Setting<Duration>?
    var streamHeadDelay: Setting<Duration>?
    var streamKeepAlive: Setting<Duration>?
    /// How hard a request is tried where no route says more.
    var attempts = RouteConfiguration.Attempts()
    /// Where Responses conversations are kept: a file's path or `memory`; nil for the usual file.
    var stateFile: Setting<String>?
    var stateTTL: Setting<Duration>?
    var stateBytes: Setting<Int>?
    var stateKey: Setting<SecretReference>?
    var metering = MeteringConfiguration()
    /// What is personal or secret in what is said, and how that is kept where a tenant wants it.
    var masking = MaskingConfiguration()
    var capture = CaptureConfiguration()
    var metrics = MetricsConfiguration()
    var logFormat = Setting(LogFormat.json)
    var logLevel = Setting(LogLevel.info)
    var limits = Limits()
    /// Beyond what new requests are turned away; nil for the gateway's own default.
    var loopLag: Setting<Bound<Duration>>?
    var memory: Setting<Bound<Int>>?

    /// Whether the public listener can only be reached from this machine.
    var isLoopback: Bool {
        let host = host.value.lowercased()
        return host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.split(separator: ".").count == 4)
    }
}
