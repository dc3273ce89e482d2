import ArgumentParser
import Inference

/// The command line's root: `torii "…"` is `torii run "…"`.
@main
struct Torii: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torii",
        abstract: "A gateway between coding agents and models, and a prompt on any provider.",
        usage: "torii [OPTIONS] [PROMPT]\n       torii COMMAND [OPTIONS]",
        version: "torii \(Version.current)",
        groupedSubcommands: [
            CommandGroup(name: "Ask", subcommands: [RunCommand.self, ModelsCommand.self]),
            CommandGroup(
                name: "Serve",
                subcommands: [ServeCommand.self, StatusCommand.self, TopCommand.self, LaunchCommand.self]
            ),
            CommandGroup(
                name: "Administer",
                subcommands: [
                    TenantsCommand.self, TeamsCommand.self, UsersCommand.self, KeysCommand.self, PoliciesCommand.self,
                    PricesCommand.self, UsageCommand.self, BudgetsCommand.self, CapturesCommand.self, AuditCommand.self,
                ]
            ),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    InitCommand.self, ConfigCommand.self, ProvidersCommand.self, RoutesCommand.self, DoctorCommand.self,
                    CompletionsCommand.self,
                ]
            ),
        ],
        defaultSubcommand: RunCommand.self
    )

    /// Parses, runs and ends the process with a status of `ExitStatus`.
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // The commonest questions need no parser.
        if arguments == ["--version"] { exit(printing: "torii \(Version.current)\n") }
        if arguments == ["--help"] || arguments == ["-h"] || arguments == ["help"] { exit(printing: HelpText.root) }
        Console.ignoreBrokenPipes()
        do {
            var command = try parseAsRoot(arguments)
            if let run = command as? RunCommand, arguments.first != RunCommand.configuration.commandName {
                let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
                try FirstWord.check(run.prompt, among: names, console: .standard)
            }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(.done)
        } catch {
            exit(status(after: error))
        }
    }

    /// Says what went wrong, unless it has been said, and gives the status to end with.
    private static func status(after error: any Error) -> ExitStatus {
        let console = Console.standard
        switch error {
        case let exit as Exit: return exit.status
        case is Console.ReaderGone: return .done
        case let error as ConfigurationError:
            console.note("torii: \(error)")
            return .configuration
        default: break
        }
        let message = fullMessage(for: error)
        if exitCode(for: error) == .success {
            _ = try? console.write(message + "\n")
            return .done
        }
        console.note(message.hasPrefix("Error: ") ? "torii: " + message.dropFirst(7) : message)
        return exitCode(for: error) == .validationFailure ? .usage : .failed
    }

    private static func exit(printing text: String) -> Never {
        _ = try? Console.standard.write(text)
        exit(.done)
    }

    private static func exit(_ status: ExitStatus) -> Never { Process.end(status.rawValue) }
}
