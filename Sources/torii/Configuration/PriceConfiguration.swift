import Gateway
import Providers

/// What the configuration says of prices: the rule for what nobody prices, entries of its own, and those of a file.
struct PriceConfiguration: Sendable {
    /// What a model costs of which nobody says so.
    enum Unknown: Sendable, Hashable {
        case refuse, free
        case price(ModelPrice)
    }

    /// One line of a table.
    struct Entry: Sendable {
        var provider: Setting<String>?
        var model: Setting<String>
        /// Milliseconds since 1970.
        var from: Setting<Int>?
        var price: ModelPrice
        var position: SourcePosition
    }

    var unknown: Setting<Unknown>?
    var file: Setting<String>?
    /// Those of the configuration itself, in their order.
    var entries: [Entry] = []
    /// Those of the file, which come behind them.
    var fileEntries: [Entry] = []

    static func read(_ reader: MappingReader, context: ReadingContext) -> PriceConfiguration {
        var prices = PriceConfiguration()
        prices.unknown = readUnknown(reader)
        prices.entries = Entry.list(reader.elements("models") ?? [], path: "prices.models", context: context)
        prices.file = reader.path("file", context: context)
        guard let file = prices.file else { return prices }
        do throws(ConfigurationError) {
            prices.fileEntries = try readFile(file, context: context)
        } catch {
            context.findings.add(error)
        }
        return prices
    }

    private static func readUnknown(_ reader: MappingReader) -> Setting<Unknown>? {
        guard let node = reader.node("unknown") else { return nil }
        if node.members != nil {
            return reader.mapping("unknown").flatMap(ModelPrice.read).map { Setting(.price($0), .file(node.position)) }
        }
        let words: [String: Unknown] = ["refuse": .refuse, "free": .free]
        guard let word = MappingReader.text(node).flatMap({ words[$0.lowercased()] }) else {
            return reader.refuse("unknown", node, "has to be refuse, free or a price such as {input: 3, output: 15}")
        }
        return Setting(word, .file(node.position))
    }

    /// Reads a file with the same list, alone or below `models`.
    ///
    /// - Throws: what keeps the file from being read at all, at the place where it is named; what is wrong inside goes to the
    ///   findings, at its own place.
    private static func readFile(
        _ file: Setting<String>,
        context: ReadingContext
    ) throws(ConfigurationError) -> [Entry] {
        let found: ConfigurationFile
        do throws(ConfigurationError) { found = try ConfigurationFile(at: file.value) } catch {
            throw ConfigurationError(error.code, "prices.file: \(error.message)", at: file.origin.position)
        }
        let tree = try found.format.tree(of: found.text, file: found.path)
        if case .sequence(let elements) = tree.content { return Entry.list(elements, path: "models", context: context) }
        guard let members = tree.members else {
            throw ConfigurationError(
                .wrongType,
                "the file has to hold a list, and holds \(tree.kind)",
                at: tree.position
            )
        }
        let reader = MappingReader(
            members,
            path: "",
            at: tree.position,
            known: ["models"],
            findings: context.findings
        )
        return Entry.list(reader.elements("models") ?? [], path: "models", context: context)
    }

    func write(to yaml: inout YAMLText) {
        guard unknown != nil || file != nil || !entries.isEmpty else { return }
        yaml.add("prices", "", depth: 0)
        switch unknown?.value {
        case .refuse: yaml.add("unknown", "refuse", depth: 1, origin: unknown?.origin)
        case .free: yaml.add("unknown", "free", depth: 1, origin: unknown?.origin)
        case .price(let price):
            yaml.add("unknown", "", depth: 1)
            for (key, amount) in price.lines { yaml.add(key, amount, depth: 2, origin: unknown?.origin) }
        case nil: break
        }
        if let file { yaml.add("file", YAMLText.scalar(file.value), depth: 1, origin: file.origin) }
        if !entries.isEmpty { yaml.add("models", "", depth: 1) }
        for entry in entries { entry.write(to: &yaml) }
    }
}

extension Configuration {
    /// The prices as the gateway takes them, those of the file behind the others.
    var priceSettings: PriceSettings {
        PriceSettings(
            entries: (prices.entries + prices.fileEntries).map { entry in
                PriceEntry(
                    provider: entry.provider?.value,
                    model: entry.model.value,
                    from: entry.from?.value,
                    price: Price(entry.price)
                )
            },
            unknown: prices.unknown.map { unknown in
                switch unknown.value {
                case .refuse: .refuse
                case .free: .free
                case .price(let price): .standard(Price(price))
                }
            }
        )
    }
}
