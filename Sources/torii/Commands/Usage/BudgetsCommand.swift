import ArgumentParser
import Gateway
import JSON

/// The command `torii budgets`.
struct BudgetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budgets",
        abstract: "Show every budget, and what of it is spent and left."
    )

    @Option(help: "Those of this tenant only, by its id or its name.")
    var tenant: String?

    @Option(help: "How they are printed: table, csv or json.")
    var format = UsageReportCommand.Format.table

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let rows = try await account.desk().all("/admin/v1/budgets", query: [("tenant", tenant)])
        switch format {
        case .json:
            var writer = JSONWriter()
            writer.array { array in for row in rows { array.view(row) } }
            try Console.standard.write(String(decoding: writer.bytes, as: UTF8.self) + "\n")
        case .csv: try Console.standard.write(BudgetText.csv(rows))
        case .table: try Console.standard.write(BudgetText.table(rows))
        }
    }
}

/// Budgets as a person or a spreadsheet reads them.
enum BudgetText {
    private static let columns = [
        "level", "id", "name", "tenant", "period", "ends_at", "limit_usd", "spent_usd", "reserved_usd",
        "remaining_usd", "limit_tokens", "spent_tokens", "reserved_tokens", "remaining_tokens", "share",
    ]

    static func csv(_ rows: [JSONView]) -> String {
        CSV.line(columns) + rows.map { row in CSV.line(columns.map { RecordText.cell(row[$0]) }) }.joined()
    }

    /// A row for each limit: one in USD and one in tokens, where there are both.
    static func table(_ rows: [JSONView]) -> String {
        var table = TextTable(["LEVEL", "NAME", "PERIOD", "LIMIT", "SPENT", "RESERVED", "LEFT", "SPENT %", "ENDS"])
        for row in rows {
            for unit in ["usd", "tokens"] {
                guard let limit = row["limit_\(unit)"], !limit.isNull else { continue }
                let amounts = ["limit", "spent", "reserved", "remaining"].map { amount(row["\($0)_\(unit)"], unit) }
                let first = [row["level"]?.string ?? "-", row["name"]?.string ?? "-", row["period"]?.string ?? "-"]
                let share = percent(row["spent_\(unit)"], of: limit)
                table.add(first + amounts + [share, row["ends_at"]?.string.map { String($0.prefix(16)) + "Z" } ?? "-"])
            }
        }
        return table.text
    }

    private static func amount(_ view: JSONView?, _ unit: String) -> String {
        unit == "usd" ? RecordText.cost(view) + " USD" : view?.int.map { "\($0) tokens" } ?? "-"
    }

    private static func percent(_ part: JSONView?, of whole: JSONView) -> String {
        guard let part = part?.double, let whole = whole.double, whole > 0 else { return "100" }
        return String(Int(min(part / whole * 100, 1e6).rounded(.down)))
    }
}
