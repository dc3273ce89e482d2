import ArgumentParser
import Gateway
import JSON
import Providers

/// The command `torii usage tail`.
struct UsageTailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Show requests as they are settled, until Ctrl-C.",
        discussion: "Begins with those of the last minute. What is missed where there are very many is in the export."
    )

    @Flag(help: "Print each record as JSON on a line of its own.")
    var json = false

    @OptionGroup var filters: UsageFilters

    @OptionGroup var account: AccountOptions

    func run() async throws {
        let desk = try account.desk()
        let (filters, isJSON) = (filters.query, json)
        try await Interruption.run { () async throws -> Void in
            var follower = UsageFollower(since: WallClock.milliseconds() - 60_000)
            repeat {
                try await Self.round(desk, filters, &follower, isJSON)
            } while (try? await Task.sleep(for: .seconds(1))) != nil  // Only cancellation throws.
        }
    }

    /// Shows what is new.
    private static func round(
        _ desk: IdentityDesk,
        _ filters: [(String, String?)],
        _ follower: inout UsageFollower,
        _ isJSON: Bool
    ) async throws {
        var records: [JSONView] = []
        var cursor: String?
        for _ in 0..<mostPages {
            let query = filters + [("since", follower.since), ("limit", "1000"), ("cursor", cursor)]
            guard let page = try await desk.read(UsageCommand.recordsPath, query) else { return }
            records += page["data"]?.elements.map { $0 } ?? []
            cursor = page["next"]?.string
            if cursor == nil { break }
        }
        if cursor != nil { Console.standard.note("torii: there are too many requests to show them all") }
        for record in follower.new(among: records, now: WallClock.milliseconds()) {
            try Console.standard.write(
                isJSON ? String(decoding: record.raw, as: UTF8.self) + "\n" : RecordText.line(record)
            )
        }
    }

    private static let mostPages = 10
}

/// Tells new records from those that were shown.
///
/// Records of several event loops come in no order, and a little late: so the last seconds are looked at again each time.
struct UsageFollower {
    private var start: Int
    /// When those were settled that may come again, by their ids.
    private var shown: [String: Int] = [:]

    /// Begins at a time in milliseconds since 1970.
    init(since: Int) { start = max(0, since) }

    /// From when on records have to be asked for.
    var since: String { Moment.text(start) }

    /// Those that were not among any before, in the order of their times.
    ///
    /// One that a clock which is ahead says is still to come moves nothing: the others would be missed.
    mutating func new(among records: [JSONView], now: Int) -> [JSONView] {
        var found: [(at: Int, record: JSONView)] = []
        for record in records {
            guard let id = record["id"]?.string, let at = record["at"]?.string.flatMap({ Moment.milliseconds(of: $0) }),
                shown[id] == nil
            else { continue }
            shown[id] = at
            found.append((at, record))
        }
        let newest = shown.values.filter { $0 <= now }.max() ?? start
        start = max(start, newest - Self.delay)
        shown = shown.filter { $0.value >= start }
        return found.sorted { $0.at < $1.at }.map(\.record)
    }

    /// How many milliseconds behind another a record may come.
    private static let delay = 10_000
}
