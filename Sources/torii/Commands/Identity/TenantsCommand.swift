import ArgumentParser
import JSON

/// The command `torii tenants`.
struct TenantsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants",
        abstract: "Create, suspend and delete tenants.",
        subcommands: [
            TenantsList.self, IdentityShow<TenantNoun>.self, TenantsCreate.self, TenantsChange.self,
            IdentityDelete<TenantNoun>.self,
        ]
    )
}

struct TenantsList: AsyncParsableCommand {
    static let configuration = TenantNoun.configuration("list", "List tenants.")

    @Option(help: "List those only whose name holds this text.")
    var search: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await TenantNoun.list(options, [("search", search)]) }
}

struct TenantsCreate: AsyncParsableCommand {
    static let configuration = TenantNoun.configuration("create", "Create a tenant.")

    @Argument(help: "Its name, which no other tenant has.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "What it would rather have where a request does not say: quality, cost or speed.",
            valueName: "what"
        )
    )
    var preference: String?

    @Option(
        help: ArgumentHelp(
            "When its days and months begin: a zone such as Europe/Berlin; UTC where it is not said.",
            valueName: "zone"
        )
    )
    var timeZone: String?

    @OptionGroup var content: ContentOptions

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members: [(String, JSONValue?)] = [
            ("name", .string(name)), ("preference", preference.map { .string($0) }),
            ("time_zone", timeZone.map { .string($0) }),
        ]
        try await TenantNoun.perform(options, "POST", TenantNoun.path, members + content.members + limits.members)
    }
}

struct TenantsChange: AsyncParsableCommand {
    static let configuration = TenantNoun.configuration(
        "change",
        "Rename, bound, suspend or reactivate a tenant, or say what it prefers."
    )

    @Argument(help: "Its id or its name.")
    var id: String

    @Option(help: "Another name.")
    var name: String?

    @Option(help: "active or suspended.")
    var status: String?

    @Option(
        help: ArgumentHelp(
            "What it would rather have where a request does not say: quality, cost, speed or none.",
            valueName: "what"
        )
    )
    var preference: String?

    @Option(help: ArgumentHelp("When its days and months begin: another zone.", valueName: "zone"))
    var timeZone: String?

    @OptionGroup var content: ContentOptions

    @OptionGroup var limits: LimitOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let texts = [("name", name), ("status", status), ("time_zone", timeZone)]
        var members = texts.map { ($0.0, $0.1.map { JSONValue.string($0) }) }
        members.append(("preference", preference.map { $0 == "none" ? .null : .string($0) }))
        try await TenantNoun.perform(options, "PATCH", TenantNoun.path(id), members + content.members + limits.members)
    }
}
