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

    init(generation: Int = 1, settings: GatewaySettings, directory: ModelDirectory) {
        self.generation = generation
        self.settings = settings
        self.directory = directory
        authenticator = Authenticator(keys: settings.clientKeys, servesAnonymous: !settings.needsKey)
        hostRule = HostRule(listener: settings.host, allowed: settings.allowedHosts)
        bodyRule = BodyRule(limit: settings.limits.body)
    }

    /// Where connections may be kept to.
    var origins: Set<Origin> { Set(settings.providers.map(\.origin)) }

    /// The bounds of the loops' connection pools.
    var transport: TransportSettings {
        var transport = settings.transport
        transport.maximumResponseBytes = settings.limits.response
        return transport
    }
}
