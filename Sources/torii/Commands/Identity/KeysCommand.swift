import ArgumentParser
import JSON

/// The command `torii keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Create, rotate and revoke keys.",
        subcommands: [
            KeysList.self, IdentityShow<KeyNoun>.self, KeysCreate.self, KeysChange.self, KeysRotate.self,
            KeysRevoke.self, IdentityDelete<KeyNoun>.self,
        ]
    )
}

struct KeysList: AsyncParsableCommand {
    static let configuration = KeyNoun.configuration("list", "List keys; never what opens anything.")

    @Option(help: "List those of this tenant only.")
    var tenant: String?

    @Option(help: "List those of the user with this id only.")
    var user: String?

    @Option(help: "List those only whose label holds this text.")
    var search: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        try await KeyNoun.list(options, [("tenant", tenant), ("user", user), ("search", search)])
    }
}

struct KeysCreate: AsyncParsableCommand {
    static let configuration = KeyNoun.configuration("create", "Create a key, which is shown once.")

    @Argument(help: "A label for people.")
    var label: String

    @Option(help: "The tenant; an operator's key has none.")
    var tenant: String?

    @Option(help: "Whose it is: a user of the tenant, by id or name.")
    var user: String?

    @Option(help: "operator, tenant-admin, member or viewer; member where it is not said.")
    var role: String?

    @Option(help: "What it opens: models, admin, or both between a comma.")
    var scopes: String?

    @Option(
        help: "Patterns of the models that it may ask for, between commas; without them all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @Option(
        help: "Addresses and ranges that it may come from, between commas; without them all.",
        transform: GivenList.init
    )
    var addresses: GivenList?

    @Option(help: "When it ends, such as 2027-01-31 or 2027-01-31T12:00:00Z.")
    var expires: String?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members: [(String, JSONValue?)] = [
            ("label", .string(label)), ("tenant", tenant.map { .string($0) }), ("user", user.map { .string($0) }),
            ("role", role.map { .string($0) }), ("scopes", .list(scopes)), ("models", .list(models?.text)),
            ("addresses", .list(addresses?.text)), ("expires_at", expires.map { .string($0) }),
        ]
        try await KeyNoun.perform(options, "POST", KeyNoun.path, members + limits.members)
    }
}

struct KeysChange: AsyncParsableCommand {
    static let configuration = KeyNoun.configuration("change", "Change what a key may do.")

    @Argument(help: "Its id.")
    var id: String

    @Option(help: "Another label.")
    var label: String?

    @Option(
        help: "Other patterns of models, between commas; none allows all.",
        transform: GivenList.init
    )
    var models: GivenList?

    @Option(
        help: "Other addresses and ranges, between commas; none allows all.",
        transform: GivenList.init
    )
    var addresses: GivenList?

    @Option(help: "Another end; none takes it away.")
    var expires: String?

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members: [(String, JSONValue?)] = [
            ("label", label.map { .string($0) }), ("models", .list(models?.text)),
            ("addresses", .list(addresses?.text)), ("expires_at", .optional(expires)),
        ]
        try await KeyNoun.perform(options, "PATCH", KeyNoun.path(id), members + limits.members)
    }
}

struct KeysRotate: AsyncParsableCommand {
    static let configuration = KeyNoun.configuration("rotate", "Give a key another secret, which is shown once.")

    @Argument(help: "Its id.")
    var id: String

    @Option(help: "How long the old one still counts, such as 1h; off ends it at once. A day where it is not said.")
    var overlap: String?

    @OptionGroup var options: IdentityOptions

    func validate() throws {
        guard let overlap, overlap != "off", Quantity.duration(overlap) == nil else { return }
        throw ValidationError("--overlap has to be a duration such as 30m or 24h, 30 days at most, or off.")
    }

    func run() async throws {
        let seconds = overlap.map { Int(Quantity.duration($0)?.components.seconds ?? 0) }
        let path = KeyNoun.path(id) + "/rotate"
        try await KeyNoun.perform(options, "POST", path, [("overlap", seconds.map { JSONValue(integerLiteral: $0) })])
    }
}

struct KeysRevoke: AsyncParsableCommand {
    static let configuration = KeyNoun.configuration("revoke", "End a key for good, within a second everywhere.")

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await KeyNoun.perform(options, "POST", KeyNoun.path(id) + "/revoke") }
}
