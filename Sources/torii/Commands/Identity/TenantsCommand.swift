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

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        try await TenantNoun.perform(options, "POST", TenantNoun.path, [("name", .string(name))])
    }
}

struct TenantsChange: AsyncParsableCommand {
    static let configuration = TenantNoun.configuration("change", "Rename, suspend or reactivate a tenant.")

    @Argument(help: "Its id or its name.")
    var id: String

    @Option(help: "Another name.")
    var name: String?

    @Option(help: "active or suspended.")
    var status: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members = [("name", name), ("status", status)].map { ($0.0, $0.1.map { JSONValue.string($0) }) }
        try await TenantNoun.perform(options, "PATCH", TenantNoun.path(id), members)
    }
}
