import Gateway
import Providers

/// `budgets`: how what tenants may spend is kept, and who is told when it comes to its end.
struct BudgetConfiguration: Sendable {
    /// `budgets.alerts`.
    struct Alerts: Sendable {
        var address: Setting<KeyAddress>
        var secret: Setting<SecretReference>
        var caFile: Setting<String>?
        var thresholds: Setting<[Int]>?
    }

    var clamp: Setting<Bool>?
    var usualOutput: Setting<Int>?
    var alerts: Alerts?

    /// Reads the `budgets` mapping.
    static func read(_ reader: MappingReader, context: ReadingContext) -> BudgetConfiguration {
        var budgets = BudgetConfiguration()
        budgets.clamp = reader.boolean("clamp")
        budgets.usualOutput = reader.integer("usual_output_tokens", in: 1...1_000_000)
        budgets.alerts = reader.mapping("alerts").flatMap { Alerts.read($0, context: context) }
        return budgets
    }

    /// The same as the gateway takes it, with the secret fetched.
    ///
    /// - Throws: where the secret is not to be had, or is too short to be one.
    func settings(environment: [String: String]) throws(ConfigurationError) -> BudgetSettings {
        var settings = BudgetSettings()
        settings.clamp = clamp?.value ?? settings.clamp
        settings.usualOutput = usualOutput?.value ?? settings.usualOutput
        settings.alerts = try alerts?.settings(environment: environment)
        return settings
    }

    /// Writes the mapping, where anything was said.
    func write(to yaml: inout YAMLText) {
        guard clamp != nil || usualOutput != nil || alerts != nil else { return }
        yaml.add("budgets", "", depth: 0)
        if let clamp { yaml.add("clamp", String(clamp.value), depth: 1, origin: clamp.origin) }
        if let usualOutput {
            yaml.add("usual_output_tokens", String(usualOutput.value), depth: 1, origin: usualOutput.origin)
        }
        alerts?.write(to: &yaml)
    }
}

extension BudgetConfiguration.Alerts {
    fileprivate static func read(_ reader: MappingReader, context: ReadingContext) -> Self? {
        for (key, nextStep) in [
            ("url", "Give the address that takes the alerts."), ("secret", "Make one: openssl rand -hex 32"),
        ] where reader.node(key) == nil {
            reader.findings.add(
                .missingKey,
                "\(reader.path) has no \(key)",
                at: reader.position,
                nextStep: nextStep
            )
        }
        let caFile = reader.path("ca_file", context: context)
        let thresholds = Self.thresholds(reader)
        let address = Self.address(reader)
        guard let secret = reader.secret("secret", context: context), let address else { return nil }
        return Self(address: address, secret: secret, caFile: caFile, thresholds: thresholds)
    }

    private static func address(_ reader: MappingReader) -> Setting<KeyAddress>? {
        guard let node = reader.node("url"), let text = reader.text("url") else { return nil }
        do throws(BaseURL.Problem) {
            return Setting(try KeyAddress(text.value, danger: "read it"), text.origin)
        } catch {
            return reader.refuse("url", node, error.reason)
        }
    }

    private static func thresholds(_ reader: MappingReader) -> Setting<[Int]>? {
        guard let node = reader.node("thresholds"), let elements = reader.elements("thresholds") else { return nil }
        var thresholds: [Int] = []
        for (index, element) in elements.enumerated() {
            guard case .integer(let percent) = element.content, AlertSettings.bounds.contains(percent) else {
                return reader.refuse(
                    "thresholds[\(index)]",
                    element,
                    "has to be a whole number of percent from 1 to 100"
                )
            }
            thresholds.append(percent)
        }
        guard !thresholds.isEmpty else { return reader.refuse("thresholds", node, "is empty, so that nobody is told") }
        return Setting(Set(thresholds).sorted(), .file(node.position))
    }

    fileprivate func settings(environment: [String: String]) throws(ConfigurationError) -> AlertSettings {
        let name = "budgets.alerts.secret"
        let secret = try secret.value.resolve(for: name, at: secret.origin.position, environment: environment)
        guard secret.reveal().utf8.count >= 16 else {
            throw ConfigurationError(
                .conflict,
                "\(name) is shorter than 16 characters",
                at: self.secret.origin.position,
                nextStep: "Make one: openssl rand -hex 32"
            )
        }
        return AlertSettings(
            address: address.value,
            secret: secret,
            caFile: caFile?.value,
            thresholds: thresholds?.value ?? AlertSettings.usualThresholds
        )
    }

    fileprivate func write(to yaml: inout YAMLText) {
        yaml.add("alerts", "", depth: 1)
        yaml.add("url", YAMLText.scalar(address.value.description), depth: 2, origin: address.origin)
        yaml.add("secret", YAMLText.scalar(secret.value.shown), depth: 2, origin: secret.origin)
        if let caFile { yaml.add("ca_file", YAMLText.scalar(caFile.value), depth: 2, origin: caFile.origin) }
        let percents = thresholds ?? Setting(AlertSettings.usualThresholds)
        let list = "[" + percents.value.map(String.init).joined(separator: ", ") + "]"
        yaml.add("thresholds", list, depth: 2, origin: percents.origin)
    }
}
