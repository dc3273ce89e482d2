import ArgumentParser

/// The command `torii captures`.
struct CapturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "captures",
        abstract: "List, export and erase what is kept of requests and their answers.",
        subcommands: [CapturesListCommand.self, CapturesExportCommand.self, CapturesEraseCommand.self]
    )

    static let path = "/admin/v1/captures"
    static let exportPath = "/admin/v1/captures/export"
}

/// Whose captures are meant.
struct CaptureFilters: ParsableArguments {
    @Option(help: "Those of this tenant only, by its id or its name.")
    var tenant: String?

    @Option(help: "Those of this user only: by its id, beside --tenant by its name, or by the name in a token.")
    var user: String?

    @Option(help: "Those of the key with this id only.")
    var key: String?

    /// A variable that is not set names nobody.
    var namesSomebody: Bool { [tenant, user, key].contains { $0?.isEmpty == false } }

    /// As the administration takes it.
    var query: [(String, String?)] { [("tenant", tenant), ("user", user), ("key", key)] }

    /// As somebody is asked about it: `user ada, tenant acme`.
    var words: String {
        let named = [("user", user), ("key", key), ("tenant", tenant)]
        return named.compactMap { name, value in value.map { "\(name) \($0)" } }.joined(separator: ", ")
    }
}
