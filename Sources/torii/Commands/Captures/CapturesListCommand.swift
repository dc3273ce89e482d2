import ArgumentParser
import JSON

/// The command `torii captures list`.
struct CapturesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List what is kept of requests and their answers, without what was said."
    )

    /// How they are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, jsonl
    }

    @OptionGroup var filters: CaptureFilters

    @OptionGroup var period: UsagePeriod

    @Option(help: "How they are printed: table, json or jsonl, an object on each line.")
    var format = Format.table

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let desk = try account.desk()
        let query = filters.query + period.query
        guard format == .table else {
            var rows = JSONRows(isArray: format == .json)
            try await desk.forEachPage(CapturesCommand.path, query: query) { page in
                try Console.standard.write(rows.text(of: page))
            }
            return try Console.standard.write(rows.end)
        }
        let rows = try await desk.all(CapturesCommand.path, query: query)
        try Console.standard.write(CapturesTable.text(rows))
        guard rows.isEmpty else { return }
        Console.standard.note(
            """
            torii: nothing is kept of that.
              To have it kept: torii tenants change TENANT --capture on
            """
        )
    }
}

/// Captures as a person reads them.
enum CapturesTable {
    private static let columns = [
        "id", "at", "tenant", "user", "key", "provider", "model", "status", "outcome", "expires_at",
    ]

    static func text(_ rows: [JSONView]) -> String {
        var table = TextTable(columns.map { $0.uppercased().replacing("_", with: " ") })
        for row in rows { table.add(columns.map { cell(row, $0) }) }
        return table.text
    }

    private static func cell(_ row: JSONView, _ column: String) -> String {
        if let text = row[column]?.string { return text }
        // Somebody who is no user here has a name all the same.
        if column == "user", let name = row["subject"]?.string { return name }
        return row[column]?.int.map(String.init) ?? "-"
    }
}
