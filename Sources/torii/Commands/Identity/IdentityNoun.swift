import ArgumentParser
import Gateway
import JSON

/// A kind of thing that has commands of its own.
protocol IdentityNoun {
    static var kind: IdentityKind { get }
    /// The members that a table shows, in its order.
    static var columns: [String] { get }
}

enum TenantNoun: IdentityNoun {
    static let kind = IdentityKind.tenants
    static let columns = ["id", "name", "status", "created_at"]
}

enum TeamNoun: IdentityNoun {
    static let kind = IdentityKind.teams
    static let columns = ["id", "tenant", "name", "created_at"]
}

enum UserNoun: IdentityNoun {
    static let kind = IdentityKind.users
    static let columns = ["id", "tenant", "team", "name", "created_at"]
}

enum KeyNoun: IdentityNoun {
    static let kind = IdentityKind.keys
    static let columns = [
        "id", "tenant", "user", "label", "role", "models", "expires_at", "revoked_at", "last_used_at",
    ]
}

enum PolicyNoun: IdentityNoun {
    static let kind = IdentityKind.policies
    static let columns = ["id", "tenant", "team", "label", "models"]
}

enum PriceNoun: IdentityNoun {
    static let kind = IdentityKind.prices
    static let columns = [
        "id", "provider", "model", "from", "input", "cached_input", "cache_write", "cache_write_1h", "output",
        "reasoning", "image", "request",
    ]
}

extension IdentityNoun {
    static var path: String { "/admin/v1/\(kind.rawValue)" }

    static func path(_ id: String) -> String { "\(path)/\(IdentityDesk.escaped(id))" }

    static func configuration(_ verb: String, _ abstract: String) -> CommandConfiguration {
        CommandConfiguration(commandName: verb, abstract: abstract)
    }

    /// Lists what the query leaves, on standard output.
    static func list(_ options: IdentityOptions, _ query: [(String, String?)]) async throws {
        let rows = try await options.desk().all(path, query: query)
        switch options.format {
        case .json:
            var writer = JSONWriter()
            writer.array { array in for row in rows { array.view(row) } }
            try Console.standard.write(String(decoding: writer.bytes, as: UTF8.self) + "\n")
        case .text:
            var table = TextTable(columns.map { $0.uppercased().replacing("_", with: " ") })
            for row in rows { table.add(columns.map { cell(row[$0]) }) }
            try Console.standard.write(table.text)
        }
    }

    /// Has something done and shows what came of it; a new key stands alone on its line, so that a script can take it.
    static func perform(
        _ options: IdentityOptions,
        _ method: String,
        _ path: String,
        _ members: [(String, JSONValue?)] = []
    ) async throws {
        var writer = JSONWriter()
        // Whoever changes or makes something says what, if only that it is nothing.
        if method == "POST" || method == "PATCH" {
            writer.object { object in for (name, value) in members { object.memberIfPresent(name, value) } }
        }
        guard let view = try await options.desk().perform(AdministrationRequest(method, path, body: writer.bytes))
        else {
            return Console.standard.note("torii: done")
        }
        let console = Console.standard
        if options.format == .json { return try console.write(String(decoding: view.raw, as: UTF8.self) + "\n") }
        let shown = kind.fields.filter { view[$0.name]?.isNull == false }
        let width = max(16, (shown.map(\.name.count).max() ?? 0) + 2)
        var lines = ""
        for field in shown {
            let name = field.name.replacing("_", with: " ")
            lines += name + String(repeating: " ", count: width - name.count) + cell(view[field.name]) + "\n"
        }
        guard let key = view["key"]?.string else { return try console.write(lines) }
        console.note(lines + "The key, which is shown only now:")
        try console.write(key + "\n")
    }

    /// A member as it stands in a table.
    private static func cell(_ view: JSONView?) -> String {
        guard let view, !view.isNull else { return "-" }
        guard view.kind == .array else { return view.string ?? String(decoding: view.raw, as: UTF8.self) }
        let texts = view.elements.compactMap(\.string)
        return texts.isEmpty ? "-" : texts.joined(separator: ",")
    }
}

// MARK: Verbs that are the same for all

/// `torii NOUN show`.
struct IdentityShow<Noun: IdentityNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration { Noun.configuration("show", "Show one \(Noun.kind.noun).") }

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await Noun.perform(options, "GET", Noun.path(id)) }
}

/// `torii NOUN delete`.
struct IdentityDelete<Noun: IdentityNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration { Noun.configuration("delete", "Delete one \(Noun.kind.noun).") }

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await Noun.perform(options, "DELETE", Noun.path(id)) }
}

/// `torii NOUN list`, for what belongs to a tenant.
struct IdentityList<Noun: IdentityNoun>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        Noun.configuration("list", "List \(Noun.kind.rawValue), of one tenant or of all.")
    }

    @Option(help: "List those of this tenant only.")
    var tenant: String?

    @Option(help: "List those only whose \(Noun.kind.label) holds this text.")
    var search: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await Noun.list(options, [("tenant", tenant), ("search", search)]) }
}

/// A list on the command line that would allow everything if it were empty, as it is where a variable is not set.
struct GivenList: Sendable {
    let text: String

    /// Throws `ValidationError` for a text without a part.
    init(_ text: String) throws {
        guard text.contains(where: { $0 != "," && $0 != " " }) else {
            throw ValidationError("It is empty; say none to allow all.")
        }
        self.text = text
    }
}

extension JSONValue {
    /// A list as it is given on the command line: parts between commas; `none` empties it.
    static func list(_ text: String?) -> JSONValue? {
        guard let text else { return nil }
        if text == "none" { return .array([]) }
        return .array(text.split(separator: ",").map { .string(String($0.drop { $0 == " " })) })
    }

    /// A whole number, or null for `none`; what is neither is told by whoever is asked to take it.
    static func count(_ text: String?) -> JSONValue? {
        guard let text else { return nil }
        if text == "none" { return .null }
        return Int(text).map { JSONValue(integerLiteral: $0) } ?? .string(text)
    }

    /// A number with a fraction or without, or null for `none`; what is neither is told by whoever is asked to take it.
    static func amount(_ text: String?) -> JSONValue? {
        guard let text else { return nil }
        if text == "none" { return .null }
        if let whole = Int(text) { return JSONValue(integerLiteral: whole) }
        guard let usd = Double(text), let number = JSONNumber(usd) else { return .string(text) }
        return .number(number)
    }

    /// A text, or null for `none`.
    static func optional(_ text: String?) -> JSONValue? { text.map { $0 == "none" ? .null : .string($0) } }
}
