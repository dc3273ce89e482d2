import ArgumentParser

/// The command `torii config`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Check, show, locate and import the configuration.",
        subcommands: [ConfigCheck.self, ConfigShow.self, ConfigPath.self, ConfigImport.self]
    )
}
