import ArgumentParser

/// The command `torii captures export`.
struct CapturesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print what is kept of requests and their answers, masked, with what was said.",
        discussion: "The audit log notes it, before anything is given out."
    )

    /// How they are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, json
    }

    @OptionGroup var filters: CaptureFilters

    @OptionGroup var period: UsagePeriod

    @Option(help: "How they are printed: jsonl, an object on each line, or json.")
    var format = Format.jsonl

    @OptionGroup var place: ExportOptions

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let desk = try account.desk()
        try await place.export { try await print(desk, $0) }
    }

    /// Hands over the text of each page as it comes.
    private func print(_ desk: IdentityDesk, _ write: (String) throws -> Void) async throws {
        var rows = JSONRows(isArray: format == .json)
        try await desk.forEachPage(CapturesCommand.exportPath, query: filters.query + period.query) { page in
            try write(rows.text(of: page))
        }
        try write(rows.end)
        Console.standard.note("torii: \(rows.count) \(rows.count == 1 ? "capture" : "captures")")
    }
}
