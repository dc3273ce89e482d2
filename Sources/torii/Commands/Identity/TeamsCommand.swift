import ArgumentParser
import JSON

/// The command `torii teams`.
struct TeamsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teams",
        abstract: "Create, change and delete teams.",
        subcommands: [
            IdentityList<TeamNoun>.self, IdentityShow<TeamNoun>.self, TeamsCreate.self, TeamsChange.self,
            IdentityDelete<TeamNoun>.self,
        ]
    )
}

struct TeamsCreate: AsyncParsableCommand {
    static let configuration = TeamNoun.configuration("create", "Create a team.")

    @Argument(help: "Its name, which no other team of the tenant has.")
    var name: String

    @Option(help: "The tenant; without it that of the key.")
    var tenant: String?

    @Option(
        help: "Patterns of the models that its users may ask for, between commas; without them all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [
            ("name", JSONValue.string(name)), ("tenant", tenant.map { .string($0) }), ("models", .list(models?.text)),
        ]
        try await TeamNoun.perform(options, "POST", TeamNoun.path, members + limits.members)
    }
}

struct TeamsChange: AsyncParsableCommand {
    static let configuration = TeamNoun.configuration("change", "Rename or bound a team.")

    @Argument(help: "Its id.")
    var id: String

    @Option(help: "Another name.")
    var name: String?

    @Option(
        help: "Other patterns of models, between commas; none allows all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [("name", name.map { JSONValue.string($0) }), ("models", .list(models?.text))]
        try await TeamNoun.perform(options, "PATCH", TeamNoun.path(id), members + limits.members)
    }
}
