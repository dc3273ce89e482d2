import Gateway
import Inference
import Providers

extension RouteConfiguration.Conditions {
    static func read(_ reader: MappingReader, context: ReadingContext) -> Self {
        var conditions = Self()
        conditions.headers = readHeaders(reader)
        conditions.models = reader.patterns("models")
        conditions.families = reader.words("families")?.filter { family in
            let isPlain = ModelPattern(family.value).isExact && reader.fault(ofPattern: family.value) == nil
            if !isPlain || family.value.contains("/") {
                reader.findings.add(
                    .badValue,
                    "\(reader.name(of: "families")) has \(family.value), which is not how a model's name begins",
                    at: family.origin.position,
                    nextStep: "A family is a beginning such as gpt-oss; patterns belong into models."
                )
                return false
            }
            return true
        }
        conditions.dialects = reader.words("dialects")?.compactMap {
            reader.choice($0, key: "dialects", of: Dialect.allCases, \.rawValue)
        }
        conditions.tenants = reader.words("tenants")
        conditions.roles = reader.words("roles")?.compactMap {
            reader.choice($0, key: "roles", of: Role.allCases, \.rawValue)?.map(\.rawValue)
        }
        conditions.keyLabels = reader.words("key_labels")
        conditions.times = (reader.elements("times") ?? []).enumerated().compactMap { index, element in
            let path = reader.name(of: "times[\(index)]")
            return MappingReader(element: element, path: path, context: context).flatMap {
                Window.read($0, context: context)
            }
        }
        conditions.minimumTokens = reader.integer("min_tokens", in: 0...1_000_000_000)
        conditions.maximumTokens = reader.integer("max_tokens", in: 0...1_000_000_000)
        conditions.tools = reader.boolean("tools")
        conditions.images = reader.boolean("images")
        conditions.minimumSpend = reader.number("min_spend", in: 0...1e9)
        conditions.maximumSpend = reader.number("max_spend", in: 0...1e9)
        conditions.minimumBudgetUsed = reader.share("min_budget_used")
        conditions.maximumBudgetUsed = reader.share("max_budget_used")
        conditions.preferences = reader.words("prefer")?.compactMap {
            reader.choice($0, key: "prefer", of: RoutePreference.allCases, \.rawValue)
        }
        conditions.checkOrder(reader)
        return conditions
    }

    private func checkOrder(_ reader: MappingReader) {
        if let least = minimumTokens, let most = maximumTokens, least.value > most.value {
            reader.findings.add(
                .conflict,
                "\(reader.path) wants at least \(least.value) and at most \(most.value) tokens, which no request has",
                at: least.origin.position
            )
        }
        let bounds: [(Setting<Double>?, Setting<Double>?, (Double) -> String, String)] = [
            (minimumSpend, maximumSpend, { Figures.amount($0) }, "spend"),
            (minimumBudgetUsed, maximumBudgetUsed, { Quantity.text(share: $0) }, "the budget"),
        ]
        for (least, most, text, noun) in bounds {
            guard let least, let most, least.value > most.value else { continue }
            reader.findings.add(
                .conflict,
                "\(reader.path) wants at least \(text(least.value)) and at most \(text(most.value)) of \(noun)",
                at: least.origin.position
            )
        }
    }

    private static func readHeaders(_ reader: MappingReader) -> [Header] {
        guard let node = reader.node("headers") else { return [] }
        guard let members = node.members else { return reader.mismatch("headers", node, wanted: "a mapping") ?? [] }
        return members.compactMap { member in
            let key = "headers.\(member.key)"
            guard ProviderConfiguration.isHeaderName(member.key) else {
                return reader.refuse(key, member.value, "is not the name of a header field")
            }
            guard let text = MappingReader.text(member.value) else {
                return reader.mismatch(key, member.value, wanted: "a text")
            }
            if let reason = reader.fault(ofPattern: text.filter { $0 != " " }) {
                return reader.refuse(key, member.value, reason)
            }
            return Header(name: member.key.lowercased(), value: Setting(text, .file(member.value.position)))
        }
    }
}

extension RouteConfiguration.Conditions.Window {
    fileprivate static func read(_ reader: MappingReader, context: ReadingContext) -> Self? {
        let days = reader.words("days")?.compactMap {
            reader.choice($0, key: "days", of: TimeWindow.dayNames, \.self)
        }
        for key in ["from", "to"] where reader.node(key) == nil {
            reader.findings.add(.missingKey, "\(reader.path) has no \(key)", at: reader.position)
        }
        guard let from = minute("from", reader), let to = minute("to", reader) else { return nil }
        if from.value == to.value {
            reader.findings.add(
                .badValue,
                "\(reader.path) begins when it ends",
                at: reader.position,
                nextStep: "A whole day is from: \"00:00\", to: \"24:00\"."
            )
            return nil
        }
        var window = Self(days: days, from: from, to: to, zone: nil)
        guard let name = reader.text("zone"), let node = reader.node("zone") else { return window }
        guard let zone = ZoneFile.rules(of: name.value, environment: context.environment) else {
            return reader.refuse(
                "zone",
                node,
                "is \(name.value), which is no zone of this machine's time zone database",
                ZoneFile.advice(on: name.value, environment: context.environment)
            )
        }
        window.zone = name.map { _ in zone }
        return window
    }

    /// `HH:MM` in minutes; 24:00 is the end of the day.
    private static func minute(_ key: String, _ reader: MappingReader) -> Setting<Int>? {
        guard let node = reader.node(key) else { return nil }
        guard let text = reader.text(key) else { return nil }
        let parts = text.value.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.count == 2 ? Int($0) : nil }
        guard parts.count == 2, numbers.count == 2, (0...24).contains(numbers[0]), (0...59).contains(numbers[1]),
            numbers[0] < 24 || numbers[1] == 0
        else {
            return reader.refuse(key, node, "has to be a time of the day such as \"07:30\", in quotes")
        }
        return text.map { _ in numbers[0] * 60 + numbers[1] }
    }
}
