package import Providers

/// One line of a price table: what models of a pattern cost, from some day on.
package struct PriceEntry: Sendable, Hashable {
    /// The name of the provider that it is for, byte for byte; nil for every one.
    package var provider: String?
    /// Compared with a model's name in lower case, whole and without an organisation in front.
    package var model: ModelPattern
    /// Milliseconds since 1970 from which on it counts; nil for always.
    package var from: Int?
    package var price: Price

    /// `model` is a name or a pattern with `*` and `?`, in whichever case.
    package init(provider: String? = nil, model: String, from: Int? = nil, price: Price) {
        self.provider = provider
        self.model = ModelPattern(model.lowercased())
        self.from = from
        self.price = price
    }

    /// The moment of `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ` in milliseconds since 1970, in UTC; nil for anything else.
    package static func moment(_ text: String) -> Int? { Timestamp.milliseconds(of: text) }

    /// The text that `moment` reads back as the same; a day alone where it is the beginning of one.
    package static func text(ofMoment moment: Int) -> String {
        let text = Timestamp.text(of: moment)
        return text.hasSuffix("T00:00:00Z") ? String(text.prefix(10)) : text
    }

    /// Which of two that match is meant: the pattern that fixes more of the name, then the one that names a provider, then the
    /// later one.
    func isMeant(before other: PriceEntry) -> Bool {
        (model.weight, provider == nil ? 0 : 1, from ?? .min)
            > (other.model.weight, other.provider == nil ? 0 : 1, other.from ?? .min)
    }
}

/// Entries, found by a model's name without looking at all of them.
struct PriceList: Sendable {
    private var exact: [ByteString: [PriceEntry]] = [:]
    private var patterns: [PriceEntry] = []

    /// Of two that say the same the first one counts.
    init(_ entries: [PriceEntry]) {
        for entry in entries {
            if entry.model.isExact {
                exact[ByteString(entry.model.text), default: []].append(entry)
            } else {
                patterns.append(entry)
            }
        }
    }

    /// The name, which is no pattern, under which a model has a price; nil where it has none.
    func exactName(of model: PriceName) -> String? {
        if exact[ByteString(model.whole)] != nil { return model.whole }
        guard let short = model.short, exact[ByteString(short)] != nil else { return nil }
        return short
    }

    /// All entries for a model of a provider, whenever they count, the meant one first.
    func entries(for model: PriceName, at provider: String) -> [PriceEntry] {
        var found = exact[ByteString(model.whole)] ?? []
        if let short = model.short { found += exact[ByteString(short)] ?? [] }
        found += patterns.filter { entry in
            entry.model.matches(model.whole) || model.short.map { entry.model.matches($0) } ?? false
        }
        found = found.filter { $0.provider.map { $0.utf8.elementsEqual(provider.utf8) } ?? true }
        // The sort is stable, so that of two equals the first one stays in front.
        return found.sorted { $0.isMeant(before: $1) }
    }
}

/// A model's name as prices are looked up by.
struct PriceName {
    let whole: String
    /// Without the organisation in front, such as `gpt-oss-20b` of `openai/gpt-oss-20b`; nil where there is none.
    let short: String?

    init(_ name: String) {
        let lower = name.lowercased()
        whole = lower
        short = lower.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(lower[lower.utf8.index(after: $0)...]) }
    }
}
