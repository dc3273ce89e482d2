import Providers

/// One generation of the configuration with all that is derived from it; never changed, only replaced whole.
///
/// Each event loop has a reference of its own. An exchange takes it at its head and keeps it to its end, so that a reload
/// changes nothing under an exchange that runs (F24).
final class Snapshot: Sendable {
    /// Counts the configurations that came into use; 1 is the one of the start.
    let generation: Int
    let settings: GatewaySettings
    let directory: ModelDirectory
    let authenticator: Authenticator
    let hostRule: HostRule
    let bodyRule: BodyRule
    /// The limits of the installation and of models.
    let admission: ConfiguredLimits

    /// `keySources` are those of the issuers of tokens, in their order; `last` is the snapshot before it, whose limits' counts go
    /// on;
    /// `clock` gives milliseconds since 1970.
    init(
        generation: Int = 1,
        settings: GatewaySettings,
        directory: ModelDirectory,
        keySources: [TokenKeySource] = [],
        after last: Snapshot? = nil,
        clock: @escaping @Sendable () -> Int
    ) {
        self.generation = generation
        self.settings = settings
        self.directory = directory
        authenticator = Authenticator(
            keys: settings.clientKeys,
            servesAnonymous: !settings.needsKey,
            awaitsProof: settings.awaitsProof,
            tokens: TokenVerifier(settings.tokens, sources: keySources, clock: clock),
            certificateRules: settings.clientCertificates?.rules ?? [],
            clock: clock
        )
        hostRule = HostRule(listener: settings.host, allowed: settings.allowedHosts)
        bodyRule = BodyRule(limit: settings.limits.body)
        admission = ConfiguredLimits(settings.admission, after: last?.admission)
    }

    /// What each model costs; the routes go by the same.
    var prices: PriceTable { directory.prices }

    /// Where connections may be kept to.
    var origins: Set<Origin> { Set(settings.providers.flatMap(\.origins)) }

    /// The provider of a name, compared as bytes.
    func provider(_ name: String) -> Provider? {
        settings.providers.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The bounds of the loops' connection pools.
    var transport: TransportSettings {
        var transport = settings.transport
        transport.maximumResponseBytes = settings.limits.response
        return transport
    }
}
