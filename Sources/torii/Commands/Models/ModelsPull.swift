import ArgumentParser
import Inference
import Providers

/// The command `torii models pull`.
struct ModelsPull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Have Ollama fetch a model, and show how far it is.",
        discussion:
            "Without --provider the default provider is asked, or the first one that is an Ollama. Ctrl-C stops the pull; "
            + "pulling again goes on from there."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The provider, which has to be an Ollama.")
    var provider: String?

    @Argument(help: "The model's name, such as gpt-oss or gpt-oss:120b.")
    var model: String

    func run() async throws {
        let configuration = try options.load()
        let (options, model) = (options, model)
        let candidates = try candidates(configuration)
        let end = try await Interruption.run { () async throws -> ExitStatus in
            let transport = try ProviderSession.transport(environment: options.environment)
            var lastFailure: (ProviderSession, InferenceError)?
            for settings in candidates {
                let session = try await ProviderSession(
                    settings,
                    configuration: configuration,
                    environment: options.environment,
                    transport: transport
                )
                do throws(InferenceError) {
                    guard try await session.catalog.ollamaVersion() != nil else { continue }
                    try await Self.pull(model, session)
                    return .done
                } catch {
                    if candidates.count == 1 || error.code != .unreachable {
                        await session.report(error, model: model)
                        return ExitStatus(error.code)
                    }
                    lastFailure = (session, error)
                }
            }
            if let (session, error) = lastFailure {
                await session.report(error, model: model)
                return ExitStatus(error.code)
            }
            Console.standard.note("torii: only Ollama can pull models, and no provider is one")
            Console.standard.note("  Add it: torii providers add ollama")
            return .configuration
        }
        if end != .done { throw Exit(end) }
    }

    /// The named provider; else the default one, then those that say that they are an Ollama, then all others on `auto`.
    private func candidates(_ configuration: Configuration) throws(ConfigurationError) -> [ProviderConfiguration] {
        if let provider { return [try configuration.provider(named: provider)] }
        let rest = configuration.providers.filter { $0.name.value != configuration.defaultProvider?.value }
        let all = [try configuration.provider()] + rest
        let certain = all.filter(\.looksLikeOllama)
        return certain.isEmpty ? all.filter { $0.dialect == nil } : certain
    }

    private static func pull(_ model: String, _ session: ProviderSession) async throws(InferenceError) {
        let console = Console.standard
        var display = PullDisplay(isTerminal: console.errorIsTerminal, columns: console.columns)
        var progress = try await session.catalog.pull(model).makeAsyncIterator()
        let start = ContinuousClock.now
        defer { if display.isLineOpen { console.note("") } }
        while let step = try await progress.next() {
            switch display.show(step, at: ContinuousClock.now - start) {
            case .line(let line)?: console.note(line)
            case .overwrite(let line)?: console.overwrite(line)
            case nil: break
            }
        }
        if display.isLineOpen { console.note("") }
        display.isLineOpen = false
        console.note(
            "torii: \(model) is there; try: torii --provider \(session.provider.name) --model \(model) \"hello\""
        )
    }
}
