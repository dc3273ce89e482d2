import ArgumentParser
import Inference
import Providers

/// The command `torii run`, which is also what `torii PROMPT` means.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask a model; the same as torii PROMPT.",
        usage: "torii [run] [OPTIONS] [PROMPT]",
        discussion: """
            The answer goes to standard output, as it comes; everything else goes to standard error. Text that is piped in \
            is put behind the prompt. Ctrl-C stops the model and ends with 130.
            """
    )

    @Option(help: "The provider; without it the default one.")
    var provider: String?

    @Option(help: "The model; without it the provider's own.")
    var model: String?

    @Flag(inversion: .prefixedNo, help: "Show the answer as it comes, or when it is whole.")
    var stream = true

    @Option(help: "The context window in tokens, for Ollama.")
    var numCtx: Int?

    @Option(help: "The system prompt.")
    var system: String?

    @Option(help: "text, json (one object at the end) or stream-json (a line for each event).")
    var outputFormat = AnswerFormat.text

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "What to ask; several words are one prompt.")
    var prompt: [String] = []

    func validate() throws {
        if let numCtx, !(1...16_777_216).contains(numCtx) {
            throw ValidationError("--num-ctx has to be from 1 to 16777216.")
        }
    }

    func run() async throws {
        let text = try Prompt.text(words: prompt)
        var flags = ConfigurationFlags()
        flags.provider = provider
        flags.model = model
        let configuration = try options.load(flags: flags)
        let session = try await ProviderSession(
            configuration.provider(),
            configuration: configuration,
            environment: options.environment
        )
        let writer = AnswerWriter(format: outputFormat, provider: session.provider.name, console: .standard)
        let question = Question(text: text, system: system, stream: stream, contextLength: numCtx, session: session)
        let failure = try await Interruption.run { try await question.ask(writer) }
        guard let failure else { return }
        if failure.code != .cancelled { await session.report(failure, model: question.model) }
        throw Exit(ExitStatus(failure.code))
    }
}
