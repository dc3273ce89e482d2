import ArgumentParser

/// The command `torii completions`.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print completions for bash, zsh or fish.",
        discussion: """
            bash: torii completions bash > ~/.local/share/bash-completion/completions/torii
            zsh:  torii completions zsh > DIRECTORY_IN_FPATH/_torii
            fish: torii completions fish > ~/.config/fish/completions/torii.fish
            """
    )

    /// The shells that completions are made for.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        try Console.standard.write(
            Torii.completionScript(for: CompletionShell(rawValue: shell.rawValue) ?? .bash) + "\n"
        )
    }
}
