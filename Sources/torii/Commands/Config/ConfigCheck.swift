import ArgumentParser

/// The command `torii config check`.
struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every fault of the configuration, with file, line and column.",
        discussion: "Variables and files that hold keys are looked up too; commands (cmd:) are not run."
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The file to check; without it the one that torii reads.", completion: .file())
    var file: String?

    func validate() throws {
        guard file == nil || options.path == nil else { throw ValidationError("Give FILE or --config, not both.") }
    }

    func run() throws {
        var options = options
        options.path = file ?? options.path
        let configuration = try options.load()
        try Self.checkSecrets(configuration, environment: options.environment)
        let names = configuration.providers.map(\.name.value)
        let source = configuration.file ?? "the environment (there is no file)"
        try Console.standard.write(
            "\(source): in order; providers: \(names.joined(separator: ", "));"
                + " default: \(configuration.defaultProvider?.value ?? "none")\n"
        )
    }

    /// Throws all references that lead to nothing as one error.
    static func checkSecrets(_ configuration: Configuration, environment: [String: String]) throws(ConfigurationError) {
        let findings = Findings()
        for provider in configuration.providers {
            for (subject, secret) in provider.secrets {
                if case .command = secret.value { continue }
                do throws(ConfigurationError) {
                    _ = try secret.value.resolve(for: subject, at: secret.origin.position, environment: environment)
                } catch {
                    findings.add(error)
                }
            }
        }
        let runsCommand = configuration.server.keys.contains { if case .command = $0.value { true } else { false } }
        if !runsCommand {
            do throws(ConfigurationError) {
                _ = try configuration.server.resolvedKeys(environment: environment)
            } catch {
                findings.add(error)
            }
        }
        try findings.check()
    }
}

extension ProviderConfiguration {
    /// Every secret with the words that name it.
    var secrets: [(subject: String, secret: Setting<SecretReference>)] {
        let key = apiKey.map { [("the api_key of provider \(name.value)", $0)] } ?? []
        let keys = apiKeys.enumerated().map { ("api_keys[\($0)] of provider \(name.value)", $1) }
        return key + keys + headers.map { ("the header \($0.name) of provider \(name.value)", $0.value) }
    }
}
