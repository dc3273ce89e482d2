import ArgumentParser
import JSON

/// The command `torii policies`.
struct PoliciesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies",
        abstract: "Say which models a tenant or a team may ask for.",
        subcommands: [
            IdentityList<PolicyNoun>.self, IdentityShow<PolicyNoun>.self, PoliciesCreate.self, PoliciesChange.self,
            IdentityDelete<PolicyNoun>.self,
        ]
    )
}

struct PoliciesCreate: AsyncParsableCommand {
    static let configuration = PolicyNoun.configuration("create", "Bound a tenant, or a team of it, to some models.")

    @Argument(help: "A label for people.")
    var label: String

    @Option(help: "The tenant.")
    var tenant: String

    @Option(help: "The team, by its id or its name; without it all of the tenant.")
    var team: String?

    @Option(help: "Patterns between commas, such as gpt-oss*,openai/*.")
    var models: String

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [
            ("label", JSONValue.string(label)), ("tenant", .string(tenant)), ("team", team.map { .string($0) }),
            ("models", .list(models)),
        ]
        try await PolicyNoun.perform(options, "POST", PolicyNoun.path, members)
    }
}

struct PoliciesChange: AsyncParsableCommand {
    static let configuration = PolicyNoun.configuration("change", "Change a policy's label or its models.")

    @Argument(help: "Its id.")
    var id: String

    @Option(help: "Another label.")
    var label: String?

    @Option(help: "Other patterns, between commas.")
    var models: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [("label", label.map { JSONValue.string($0) }), ("models", .list(models))]
        try await PolicyNoun.perform(options, "PATCH", PolicyNoun.path(id), members)
    }
}
