import ArgumentParser

/// The command `torii launch`.
struct LaunchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract: "Start a coding agent on a model of yours, through the gateway.",
        usage: "torii launch TOOL [--model MODEL] [--provider NAME] [--print] [--config FILE] [-- ARGS]",
        discussion: """
            The tool gets the gateway's address, a key and a model, in a configuration of torii's own; no file of yours \
            is changed. Where no gateway answers, one runs beside the tool until it ends. The tool's exit status is \
            torii's.
            """
    )

    @Option(help: "The model; without it the provider's own.")
    var model: String?

    @Option(help: "The provider; without it the one that routing finds.")
    var provider: String?

    @Flag(name: .customLong("print"), help: "Show what would be set, with secrets masked, and start nothing.")
    var printsOnly = false

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "codex, claude, aider or opencode.", completion: .list(LaunchTool.names))
    var tool: String

    @Argument(parsing: .postTerminator, help: ArgumentHelp("What the tool is given.", valueName: "args"))
    var arguments: [String] = []

    func validate() throws {
        guard LaunchTool(rawValue: tool) != nil else { throw ValidationError(LaunchTool.unknown(tool)) }
    }

    func run() async throws {
        guard let tool = LaunchTool(rawValue: tool) else { throw ValidationError(LaunchTool.unknown(self.tool)) }
        var flags = ConfigurationFlags()
        (flags.provider, flags.model) = (provider, model)
        let configuration = try options.load(flags: flags)
        let launch = Launch(
            tool: tool,
            arguments: arguments,
            provider: provider,
            configuration: configuration,
            environment: options.environment
        )
        if printsOnly { return try Console.standard.write(try await launch.shown()) }
        Process.end(try await launch.run())
    }
}
