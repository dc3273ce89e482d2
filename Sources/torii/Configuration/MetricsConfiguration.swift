import Gateway
import Providers

/// `server.metrics`: whether the gateway counts what it does, and who may read that; nil is the gateway's own default.
struct MetricsConfiguration: Sendable {
    var isOn: Setting<Bool>?
    var token: Setting<SecretReference>?
    var maximumSeries: Setting<Int>?

    /// Reads `server.metrics`.
    static func read(_ reader: MappingReader, context: ReadingContext) -> MetricsConfiguration {
        var metrics = MetricsConfiguration()
        metrics.isOn = reader.boolean("enabled")
        metrics.token = reader.secret("token", context: context)
        metrics.maximumSeries = reader.integer("max_series", in: MetricsSettings.seriesBounds)
        return metrics
    }

    /// The same as the gateway takes it, with the token fetched.
    ///
    /// - Throws: where the token is not to be had, or is too short to be one.
    func settings(environment: [String: String]) throws(ConfigurationError) -> MetricsSettings {
        var settings = MetricsSettings()
        settings.isOn = isOn?.value ?? settings.isOn
        settings.maximumSeries = maximumSeries?.value ?? settings.maximumSeries
        guard let token else { return settings }
        let name = "server.metrics.token"
        let secret = try token.value.resolve(for: name, at: token.origin.position, environment: environment)
        guard secret.reveal().utf8.count >= 16 else {
            throw ConfigurationError(
                .conflict,
                "\(name) is shorter than 16 characters",
                at: token.origin.position,
                nextStep: "Make one: openssl rand -hex 32"
            )
        }
        settings.token = secret
        return settings
    }

    /// Writes the mapping, where anything was said.
    func write(to yaml: inout YAMLText) {
        let lines: [(String, String, ValueOrigin)?] = [
            isOn.map { ("enabled", String($0.value), $0.origin) },
            token.map { ("token", YAMLText.scalar($0.value.shown), $0.origin) },
            maximumSeries.map { ("max_series", String($0.value), $0.origin) },
        ]
        let given = lines.compactMap(\.self)
        if !given.isEmpty { yaml.add("metrics", "", depth: 1) }
        for (key, value, origin) in given { yaml.add(key, value, depth: 2, origin: origin) }
    }
}
