import ArgumentParser
import Gateway
import JSON

/// The command `torii captures erase`.
struct CapturesEraseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erase for good what is kept of a user, a key or a tenant.",
        discussion: "What is still under way meanwhile is kept afterwards: revoke the keys first."
    )

    @OptionGroup var filters: CaptureFilters

    @OptionGroup var period: UsagePeriod

    @Flag(help: "Erase it without asking; needed where nobody can be asked.")
    var yes = false

    @Option(help: "How it is printed: text or json.")
    var format = ListFormat.text

    @OptionGroup var account: AccountOptions

    func validate() throws {
        guard filters.namesSomebody else {
            throw ValidationError("Say whose captures go: --user, --key or --tenant.")
        }
    }

    func run() async throws {
        let desk = try account.desk()
        if !yes { try Self.confirm(question, console: .standard) }
        let query = IdentityDesk.text(of: filters.query + period.query)
        let request = AdministrationRequest("DELETE", CapturesCommand.path, query: query)
        guard let view = try await desk.perform(request) else { return }
        if format == .json { return try Console.standard.write(String(decoding: view.raw, as: UTF8.self) + "\n") }
        let count = view["erased"]?.int ?? 0
        Console.standard.note("torii: \(count) \(count == 1 ? "capture" : "captures") erased")
    }

    private var question: String {
        let since = period.since.map { " since \($0.text)" } ?? ""
        let until = period.until.map { " until \($0.text)" } ?? ""
        return "Erase for good what is kept of \(filters.words)\(since)\(until)?"
    }

    /// Asks on a terminal; elsewhere nobody can answer, and what cannot be undone is not done.
    private static func confirm(_ question: String, console: Console) throws {
        guard console.inputIsTerminal, console.errorIsTerminal else {
            console.note("torii: what is erased is gone for good, and there is nobody to ask.")
            console.note("  To erase it all the same: give --yes")
            throw Exit(.usage)
        }
        let answer = console.ask("torii: \(question) [y/N]")
        if let answer, ["y", "yes"].contains(answer.lowercased()) { return }
        console.note("torii: nothing was erased.")
        throw Exit(.usage)
    }
}
