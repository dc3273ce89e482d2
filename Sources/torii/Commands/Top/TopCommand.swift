import ArgumentParser

/// The command `torii top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch what a running gateway does, by model, provider or tenant.",
        discussion: """
            Keys: s sorts by the next column, r reverses, f takes a text to filter by, p, m and t group by provider, model \
            and tenant, space pauses, q quits.
            """
    )

    @Option(help: ArgumentHelp("How often the gateway is asked; each second without it.", valueName: "seconds"))
    var interval = 1.0

    @Flag(help: "Print one table, of one interval, and end.")
    var once = false

    @Flag(help: "Print the figures as JSON, a line for each interval.")
    var json = false

    @Option(help: "The column to begin sorting by: name, requests, in-flight, errors, first-token, tokens or cost.")
    var sort = TopColumn.requests

    @Option(help: "What to begin grouping by: provider, model or tenant.")
    var group = TopGroup.model

    @Option(help: ArgumentHelp("Those only whose tenant, provider or model holds this text.", valueName: "text"))
    var filter = ""

    @OptionGroup var account: AccountOptions

    func validate() throws {
        guard interval >= 0.1, interval <= 3_600 else {
            throw ValidationError("--interval has to be from 0.1 to 3600 seconds.")
        }
    }

    func run() async throws {
        let environment = account.options.environment
        let address = account.url ?? account.options.administrationAddress
        let reader = try LiveReader(address: address, environment: environment)
        let interval = Duration.seconds(interval)
        var model = TopModel()
        (model.group, model.sort, model.filter) = (group, sort, filter)
        do {
            if once || json { return try await print(model, reader, every: interval) }
            guard environment["TERM"] != "dumb", let terminal = TopTerminal(.standard) else {
                Console.standard.note("torii: top draws on a terminal, and this is none that it can draw on")
                Console.standard.note("  Print one table with --once, or lines with --json.")
                throw Exit(.usage)
            }
            let inColour = environment["NO_COLOR"]?.isEmpty ?? true
            let session = TopSession(reader: reader, interval: interval, inColour: inColour)
            try await session.run(model, on: terminal, from: try await reader.read())
        } catch let failure as LiveReader.Failure {
            throw failure.said()
        }
    }

    /// Prints what happens from one report to the next, once or until Ctrl-C.
    private func print(_ start: TopModel, _ reader: LiveReader, every interval: Duration) async throws {
        let (isOnce, isJSON) = (once, json)
        try await Interruption.run { () async throws -> Void in
            var model = start
            var last = try await reader.read()
            while (try? await Task.sleep(for: interval)) != nil {  // Only cancellation throws.
                let report = try await reader.read()
                model.take(TopRates(report, since: last))
                last = report
                let (table, rates, group) = (model.table, model.rates, model.group)
                try Console.standard.write(isJSON ? table.json(rates, by: group) : table.text(by: group))
                if isOnce { return }
            }
        }
    }
}
