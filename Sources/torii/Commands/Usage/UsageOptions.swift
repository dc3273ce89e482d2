import ArgumentParser
import Gateway
import Providers

/// Which gateway is asked about the account.
struct AccountOptions: ParsableArguments {
    @Option(
        help: "The gateway's administration listener; without it that of the configuration. Its key is $TORII_API_KEY."
    )
    var url: String?

    @OptionGroup var options: ConfigurationOptions

    func desk() throws -> IdentityDesk {
        let address = url ?? options.administrationAddress
        return .gateway(try RemoteAdministration(address, environment: options.environment))
    }
}

/// What usage is narrowed to.
struct UsageFilters: ParsableArguments {
    @Option(help: "That of this tenant only, by its id or its name.")
    var tenant: String?

    @Option(help: "That of this team only, by its id or, beside --tenant, its name.")
    var team: String?

    @Option(help: "That of this user only, by its id or, beside --tenant, its name.")
    var user: String?

    @Option(help: "That of the key with this id only.")
    var key: String?

    @Option(help: "That of this provider only.")
    var provider: String?

    @Option(help: "That of this model only.")
    var model: String?

    @Option(help: "That of this client only, such as codex.")
    var client: String?

    @Option(help: "That which ended so only: ok, refused, failed, interrupted or client_gone.")
    var outcome: String?

    /// As the administration takes it.
    var query: [(String, String?)] {
        [
            ("tenant", tenant), ("team", team), ("user", user), ("key", key), ("provider", provider), ("model", model),
            ("client", client), ("outcome", outcome),
        ]
    }
}

/// From when to when usage is looked at.
struct UsagePeriod: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From when on: 7d ago, a date such as 2026-11-27, or a time such as 2026-11-27T22:30:00Z.",
            valueName: "time"
        ),
        transform: GivenTime.init
    )
    var since: GivenTime?

    @Option(help: ArgumentHelp("Until when, which is left out itself.", valueName: "time"), transform: GivenTime.init)
    var until: GivenTime?

    func validate() throws {
        if let since, let until, since.milliseconds >= until.milliseconds {
            throw ValidationError("--since has to be before --until.")
        }
    }

    /// As the administration takes it.
    var query: [(String, String?)] { [("since", since?.text), ("until", until?.text)] }
}

/// A time on the command line.
struct GivenTime: Sendable, Hashable {
    /// Since 1970.
    let milliseconds: Int

    /// Throws `ValidationError` for a text that is no time.
    init(_ text: String) throws {
        guard let time = Self.milliseconds(of: text, now: WallClock.milliseconds()) else {
            throw ValidationError(
                "A time is a duration such as 7d or 12h before now, a date such as 2026-11-27, or 2026-11-27T22:30:00Z."
            )
        }
        milliseconds = time
    }

    var text: String { Moment.text(milliseconds) }

    /// A duration before now, or what else is a moment; nil for other texts.
    static func milliseconds(of text: String, now: Int) -> Int? {
        let units = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        let digits = text.dropLast()
        if let unit = text.last.flatMap({ units[String($0)] }), (1...6).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits)
        {
            return max(0, now - number * unit * 1_000)
        }
        return Moment.milliseconds(of: text) ?? PointInTime(text).map { $0.seconds * 1_000 }
    }
}
