import ArgumentParser
import JSON

/// The command `torii prices`.
struct PricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Say what models cost; what is said here goes before the configuration's prices.",
        subcommands: [
            PricesList.self, IdentityShow<PriceNoun>.self, PricesCreate.self, PricesChange.self,
            IdentityDelete<PriceNoun>.self,
        ]
    )
}

struct PricesList: AsyncParsableCommand {
    static let configuration = PriceNoun.configuration("list", "List prices, in USD for a million tokens.")

    @Option(help: "List those only whose model holds this text.")
    var search: String?

    @OptionGroup var options: IdentityOptions

    func run() async throws { try await PriceNoun.list(options, [("search", search)]) }
}

struct PricesCreate: AsyncParsableCommand {
    static let configuration = PriceNoun.configuration(
        "create",
        "Say what a model costs, perhaps only from some day on."
    )

    @Argument(help: "The model's name, or a pattern such as gpt-5*.")
    var model: String

    @Option(help: "The provider that it is for; without it every one.")
    var provider: String?

    @Option(help: "From when on: a day such as 2027-01-31, or a time in UTC; without it since ever.")
    var from: String?

    @OptionGroup var amounts: PriceOptions

    @OptionGroup var options: IdentityOptions

    func validate() throws {
        guard amounts.input != nil, amounts.output != nil else {
            throw ValidationError("--input and --output have to be said; 0 means for nothing.")
        }
    }

    func run() async throws {
        let members: [(String, JSONValue?)] = [
            ("provider", provider.map { .string($0) }), ("model", .string(model)), ("from", .optional(from)),
        ]
        try await PriceNoun.perform(options, "POST", PriceNoun.path, members + amounts.members)
    }
}

struct PricesChange: AsyncParsableCommand {
    static let configuration = PriceNoun.configuration("change", "Change what is given of a price.")

    @Argument(help: "Its id.")
    var id: String

    @Option(help: "From when on: a day such as 2027-01-31, or a time in UTC; none for since ever.")
    var from: String?

    @OptionGroup var amounts: PriceOptions

    @OptionGroup var options: IdentityOptions

    func run() async throws {
        let members: [(String, JSONValue?)] = [("from", .optional(from))]
        try await PriceNoun.perform(options, "PATCH", PriceNoun.path(id), members + amounts.members)
    }
}

/// The amounts of a price.
struct PriceOptions: ParsableArguments {
    @Option(help: "USD for a million tokens of the prompt.")
    var input: String?

    @Option(help: "The same for those that a prompt cache served; without it, or with none, as input.")
    var cachedInput: String?

    @Option(help: "The same for those that a prompt cache was filled with.")
    var cacheWrite: String?

    @Option(
        name: .customLong("cache-write-1h"),
        help: "The same for those that it was filled with for an hour; without it, or with none, as cache-write."
    )
    var cacheWrite1h: String?

    @Option(help: "The same for tokens of the answer.")
    var output: String?

    @Option(help: "The same for those of thinking; without it, or with none, as output.")
    var reasoning: String?

    @Option(help: "USD for each picture that is sent.")
    var image: String?

    @Option(help: "USD for each request.")
    var request: String?

    /// What of them is given, as the administration takes it.
    var members: [(String, JSONValue?)] {
        [
            ("input", .amount(input)), ("cached_input", .amount(cachedInput)), ("cache_write", .amount(cacheWrite)),
            ("cache_write_1h", .amount(cacheWrite1h)), ("output", .amount(output)), ("reasoning", .amount(reasoning)),
            ("image", .amount(image)), ("request", .amount(request)),
        ]
    }
}
