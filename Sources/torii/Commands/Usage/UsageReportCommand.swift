import ArgumentParser
import Gateway
import JSON

/// The command `torii usage report`.
struct UsageReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Add up what was used and what it cost.",
        discussion: "Days are those of each tenant's time zone. A ~ stands before what holds an estimate."
    )

    /// How a report is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    @Option(
        help: ArgumentHelp(
            "What it is added up by, between commas: \(UsageQuery.Dimension.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "dimensions"
        )
    )
    var by: String?

    @Option(
        help: ArgumentHelp(
            "How rows are sorted: cost, tokens, requests or values; without it by cost, or times by values.",
            valueName: "what"
        )
    )
    var sort: String?

    @OptionGroup var period: UsagePeriod

    @OptionGroup var filters: UsageFilters

    @Option(help: "Rows at most; 1000 without it, and never more than 10000.")
    var limit: Int?

    @Option(help: "How it is printed: table, csv or json.")
    var format = Format.table

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let query: [(String, String?)] = [("by", by.map { $0.filter { $0 != " " } })] + period.query + filters.query
        guard
            let view = try await account.desk().read(
                UsageCommand.path,
                query + [("sort", sort), ("limit", limit.map(String.init))]
            )
        else { return }
        let report = ReportText(view)
        switch format {
        case .json: try Console.standard.write(String(decoding: view.raw, as: UTF8.self) + "\n")
        case .csv: try Console.standard.write(report.csv)
        case .table: try Console.standard.write(report.table)
        }
        for remark in report.remarks { Console.standard.note("torii: \(remark)") }
    }
}

/// A report as a person or a spreadsheet reads it.
struct ReportText {
    private let view: JSONView
    private let dimensions: [String]

    /// Takes what the administration says.
    init(_ view: JSONView) {
        self.view = view
        dimensions = view["by"]?.elements.compactMap(\.string) ?? []
    }

    /// Names in the place of ids, and a last row with the sum of all.
    var table: String {
        let figures = ["REQUESTS", "FAILED", "INPUT", "CACHED", "OUTPUT", "COST USD"]
        var table = TextTable(dimensions.map { $0.uppercased() } + figures)
        if !dimensions.isEmpty {
            for row in rows { table.add(dimensions.map { name(row[$0]) } + Self.figures(row)) }
        }
        if let total = view["total"] {
            table.add(dimensions.indices.map { $0 == 0 ? "all" : "" } + Self.figures(total))
        }
        return table.text
    }

    /// A head, and all figures of each row.
    var csv: String {
        let columns = dimensions + UsageFigure.all.map(\.name)
        return CSV.line(columns) + rows.map { row in CSV.line(columns.map { RecordText.cell(row[$0]) }) }.joined()
    }

    /// What else is worth knowing.
    var remarks: [String] {
        var remarks: [String] = []
        if view["cut"]?.bool == true { remarks.append("there are more rows than these; the total counts all of them") }
        if let count = view["total"]?["estimated"]?.int, count > 0 {
            let requests = "\(count) \(count == 1 ? "request" : "requests")"
            remarks.append("the tokens of \(requests) are estimated, because no provider counted them")
        }
        return remarks
    }

    private var rows: [JSONView] { view["data"]?.elements.map { $0 } ?? [] }

    private func name(_ value: JSONView?) -> String {
        guard let text = value?.string else { return "-" }
        return view["names"]?[text]?.string ?? text
    }

    private static func figures(_ row: JSONView) -> [String] {
        let mark = row["estimated"]?.int ?? 0 > 0 ? "~" : ""
        func number(_ key: String) -> String { row[key]?.int.map(String.init) ?? "0" }
        return [
            number("requests"), number("failed"), mark + number("input_tokens"), mark + number("cached_input_tokens"),
            mark + number("output_tokens"), mark + RecordText.cost(row["cost_usd"]),
        ]
    }
}
