import ArgumentParser
import JSON

/// The command `torii users`.
struct UsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Create, change and delete users.",
        subcommands: [
            IdentityList<UserNoun>.self, IdentityShow<UserNoun>.self, UsersCreate.self, UsersChange.self,
            IdentityDelete<UserNoun>.self,
        ]
    )
}

struct UsersCreate: AsyncParsableCommand {
    static let configuration = UserNoun.configuration("create", "Create a user.")

    @Argument(help: "The name, which no other user of the tenant has.")
    var name: String

    @Option(help: "The tenant; without it that of the key.")
    var tenant: String?

    @Option(help: "The team, by its id or its name.")
    var team: String?

    @Option(
        help: "Patterns of the models that the user may ask for, between commas; without them all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [
            ("name", JSONValue.string(name)), ("tenant", tenant.map { .string($0) }),
            ("team", team.map { .string($0) }), ("models", .list(models?.text)),
        ]
        try await UserNoun.perform(options, "POST", UserNoun.path, members + limits.members)
    }
}

struct UsersChange: AsyncParsableCommand {
    static let configuration = UserNoun.configuration("change", "Rename or bound a user, or move it to another team.")

    @Argument(help: "The user's id.")
    var id: String

    @Option(help: "Another name.")
    var name: String?

    @Option(help: "Another team, by its id or its name; none takes the user out of its team.")
    var team: String?

    @Option(
        help: "Other patterns of models, between commas; none allows all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [
            ("name", name.map { JSONValue.string($0) }), ("team", .optional(team)), ("models", .list(models?.text)),
        ]
        try await UserNoun.perform(options, "PATCH", UserNoun.path(id), members + limits.members)
    }
}
