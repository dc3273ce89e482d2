import ArgumentParser
import Inference
import Providers

/// The command `torii providers add`.
struct ProvidersAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a provider to the configuration file, which keeps its comments.",
        discussion: """
            Examples:
              torii providers add ollama --model gpt-oss
              torii providers add in-house --base-url https://llm.example/v1 --api-key env:LLM_KEY --default
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The provider's name; openai, anthropic and ollama need no address.")
    var name: String

    @Option(help: "The address, such as http://localhost:11434/v1.")
    var baseURL: String?

    @Option(help: "Where the key is: env:NAME, file:PATH or cmd:COMMAND.")
    var apiKey: String?

    @Option(help: "The model where none is named.")
    var model: String?

    @Option(help: "What the provider speaks: auto, chat, responses, messages or ollama.")
    var dialect: DialectChoice = .auto

    @Option(help: "How the key is sent: bearer, x-api-key, api-key or none.")
    var auth: Provider.Authentication?

    @Flag(name: .customLong("default"), help: "Make it the default provider.")
    var isDefault = false

    func validate() throws {
        guard ProviderConfiguration.isName(name) else {
            throw ValidationError("A provider's name may only hold letters, digits, . - and _, up to 64 of them.")
        }
        guard baseURL != nil || Vendor(name: name) != nil else {
            throw ValidationError("\(name) needs an address: --base-url URL")
        }
    }

    func run() throws {
        let provider = try provider()
        let file = try EditableFile(options)
        var text = file.text
        let edit = try ProvidersEdit(text, path: file.path)
        guard !edit.names.contains(name) else {
            throw ConfigurationError(
                .duplicateName,
                "\(file.path) has a provider named \(name) already",
                nextStep: "Remove it first: torii providers remove \(name)"
            )
        }
        text = try edit.adding(provider)
        if isDefault { text = try ProvidersEdit(text, path: file.path).choosing(name) }
        try file.replace(with: text, environment: options.environment)
        Console.standard.note("torii: added \(name) to \(file.path)")
    }

    private func provider() throws -> ProviderConfiguration {
        let vendor = Vendor(name: name)
        let address: ProviderConfiguration.Address
        switch ProviderConfiguration.address(baseURL ?? vendor?.builtInAddress ?? "") {
        case .success(let value): address = value
        case .failure(let problem):
            throw ValidationError("The address \(problem.reason). \(problem.nextStep ?? "")")
        }
        var provider = ProviderConfiguration(name: Setting(name), address: Setting(address))
        let key = apiKey ?? vendor?.keyVariable.map { "env:\($0)" } ?? (vendor == .ollama ? "" : nil)
        if let key {
            let home = ConfigurationFile.home(options.environment)
            provider.apiKey = Setting(SecretReference(key, folder: ".", home: home))
            if case .literal(let secret) = provider.apiKey?.value, !secret.isEmpty {
                Console.standard.note("torii: warning: the key is now in your shell's history; env:NAME keeps it out")
            }
        }
        provider.model = model.map { Setting($0) }
        provider.dialect = dialect.dialect.map { Setting($0) }
        provider.authentication = auth.map { Setting($0) }
        return provider
    }
}

extension DialectChoice: ExpressibleByArgument {}
extension Provider.Authentication: ExpressibleByArgument {}
