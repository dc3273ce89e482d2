import ArgumentParser
import Gateway
import JSON

/// The command `torii usage export`.
struct UsageExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print single requests, with what each one cost.",
        discussion: "Cells that a spreadsheet would take for a formula begin with an apostrophe."
    )

    /// How records are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, jsonl
    }

    @OptionGroup var period: UsagePeriod

    @OptionGroup var filters: UsageFilters

    @Option(help: "How they are printed: csv or jsonl, an object on each line.")
    var format = Format.csv

    @OptionGroup var place: ExportOptions

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let desk = try account.desk()
        try await place.export { try await print(desk, $0) }
    }

    /// Hands over the text of each page as it comes.
    private func print(_ desk: IdentityDesk, _ write: (String) throws -> Void) async throws {
        let columns = UsageField.all.map(\.name)
        if format == .csv { try write(CSV.line(columns)) }
        var count = 0
        try await desk.forEachPage(UsageCommand.recordsPath, query: period.query + filters.query, limit: 1_000) {
            page in
            var text = ""
            for record in page["data"]?.elements.map({ $0 }) ?? [] {
                switch format {
                case .csv: text += CSV.line(columns.map { RecordText.cell(record[$0]) })
                case .jsonl: text += String(decoding: record.raw, as: UTF8.self) + "\n"
                }
                count += 1
            }
            try write(text)
        }
        Console.standard.note("torii: \(count) \(count == 1 ? "record" : "records")")
    }
}
