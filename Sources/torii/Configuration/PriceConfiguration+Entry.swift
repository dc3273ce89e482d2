import Gateway
import Providers

extension PriceConfiguration.Entry {
    /// Whom a line is for, and from when on: two of one list cannot be for the same.
    private struct Subject: Hashable {
        let provider: [UInt8]?
        let model: String
        let from: Int?
    }

    /// Reads the elements of a list; what is wrong goes to the findings.
    ///
    /// `path` names the list in messages.
    static func list(
        _ elements: [ConfigurationNode],
        path: String,
        context: ReadingContext
    ) -> [PriceConfiguration.Entry] {
        var seen: [Subject: SourcePosition] = [:]
        return elements.enumerated().compactMap { index, element in
            guard let entry = read(element, path: "\(path)[\(index)]", context: context) else { return nil }
            let subject = Subject(
                provider: entry.provider.map { Array($0.value.utf8) },
                model: entry.model.value.lowercased(),
                from: entry.from?.value
            )
            if let first = seen.updateValue(entry.position, forKey: subject) {
                context.findings.add(
                    .duplicateName,
                    "\(path)[\(index)] prices \(entry.model.value) a second time, first on line \(first.line)",
                    at: entry.position,
                    nextStep: "Keep one of the two, or say from when on the second one counts."
                )
            }
            return entry
        }
    }

    private static func read(
        _ node: ConfigurationNode,
        path: String,
        context: ReadingContext
    ) -> PriceConfiguration.Entry? {
        guard let members = node.members else {
            context.findings.add(.wrongType, "\(path) has to be a mapping, and is \(node.kind)", at: node.position)
            return nil
        }
        let reader = MappingReader(
            members,
            path: path,
            at: node.position,
            known: ConfigurationKey.names(below: "prices.models[]"),
            findings: context.findings
        )
        let price = ModelPrice.read(reader)
        let (provider, from) = (reader.text("provider"), moment(reader))
        guard let model = reader.text("model") else {
            if reader.node("model") == nil {
                context.findings.add(.missingKey, "\(path) has no model", at: node.position)
            }
            return nil
        }
        if let reason = reader.fault(ofPattern: model.value) {
            context.findings.add(.badValue, "\(reader.name(of: "model")) \(reason)", at: model.origin.position)
            return nil
        }
        guard let price else { return nil }
        return PriceConfiguration.Entry(
            provider: provider,
            model: model,
            from: from,
            price: price,
            position: node.position
        )
    }

    /// `2027-01-31` or `2027-01-31T00:00:00Z`; TOML's own dates are none of ours, and stand in quotes.
    private static func moment(_ reader: MappingReader) -> Setting<Int>? {
        guard let node = reader.node("from"), let text = reader.text("from") else { return nil }
        guard let moment = PriceEntry.moment(text.value) else {
            return reader.refuse(
                "from",
                node,
                "has to be a date such as \"2027-01-31\", or a time in UTC that ends with Z"
            )
        }
        return text.map { _ in moment }
    }

    func write(to yaml: inout YAMLText) {
        yaml.add(element: "model: \(YAMLText.scalar(model.value))", depth: 2, origin: model.origin)
        if let provider { yaml.add("provider", YAMLText.scalar(provider.value), depth: 3, origin: provider.origin) }
        if let from {
            let text = YAMLText.scalar(PriceEntry.text(ofMoment: from.value))
            yaml.add("from", text, depth: 3, origin: from.origin)
        }
        for (key, amount) in price.lines { yaml.add(key, amount, depth: 3, origin: .file(position)) }
    }
}

extension MappingReader {
    /// A share such as `80%`, 1 for all of it.
    func share(_ key: String) -> Setting<Double>? {
        guard let node = node(key), let text = text(key) else { return nil }
        guard let share = Quantity.share(text.value) else { return refuse(key, node, "has to be a share such as 80%") }
        return text.map { _ in share }
    }
}
