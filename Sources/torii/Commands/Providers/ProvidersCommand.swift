import ArgumentParser

/// The command `torii providers`.
struct ProvidersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "providers",
        abstract: "List, add, remove and test providers.",
        subcommands: [ProvidersList.self, ProvidersAdd.self, ProvidersRemove.self, ProvidersTest.self]
    )
}

/// What a command prints its answer as.
enum ListFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}
