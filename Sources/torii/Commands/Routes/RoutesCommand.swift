import ArgumentParser

/// The command `torii routes`.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "List the routing rules, and explain where a request goes.",
        subcommands: [RoutesList.self, RoutesExplain.self]
    )
}
