import Gateway
import Inference
import Providers

extension RouteConfiguration {
    /// Reads one element of `routes`; nil where it is no mapping or has a bad name, which is in the findings then.
    static func read(_ node: ConfigurationNode, index: Int, context: ReadingContext) -> RouteConfiguration? {
        guard let reader = MappingReader(element: node, path: "routes[\(index)]", context: context) else { return nil }
        var name = Setting("route-\(index + 1)")
        if let node = reader.node("name") {
            guard let given = reader.text("name") else { return nil }
            guard ProviderConfiguration.isName(given.value) else {
                return reader.refuse("name", node, "may only hold letters, digits, . - and _, up to 64 of them")
            }
            name = given
        }
        var route = RouteConfiguration(name: name)
        if let when = reader.mapping("when") { route.conditions = .read(when, context: context) }
        route.readTargets(reader, context: context)
        route.strategy = reader.choice("strategy")
        route.affinity = reader.boolean("affinity")
        route.loadedFirst = reader.integer("loaded_first", in: 0...1_000_000)
        route.maxCost = reader.number("max_cost", in: 0...1e6)
        route.canary = reader.mapping("canary").flatMap(Share.read)
        route.shadow = reader.mapping("shadow").flatMap(Share.read)
        if let attempts = reader.mapping("attempts") { route.attempts = .read(attempts) }
        return route
    }

    private mutating func readTargets(_ reader: MappingReader, context: ReadingContext) {
        let elements = reader.elements("targets") ?? []
        if elements.isEmpty, reader.node("targets").map({ $0.isSequence }) ?? true {
            reader.findings.add(
                .missingKey,
                "\(reader.path) has no targets",
                at: reader.position,
                nextStep: "Say where its requests go, such as targets: [{provider: NAME}]."
            )
        }
        for (index, element) in elements.enumerated() {
            let path = reader.name(of: "targets[\(index)]")
            guard let target = MappingReader(element: element, path: path, context: context) else { continue }
            if let target = Target.read(target, takesTag: true) { targets.append(target) }
        }
        for (index, element) in (reader.elements("fallbacks") ?? []).enumerated() {
            let path = reader.name(of: "fallbacks[\(index)]")
            guard let mapping = MappingReader(element: element, path: path, context: context) else { continue }
            guard let target = Target.read(mapping, takesTag: true) else { continue }
            let causes = mapping.words("on").map { words in
                words.compactMap { mapping.choice($0, key: "on", of: Cause.all, \.word) }
            }
            fallbacks.append(Fallback(target: target, causes: causes))
        }
    }
}

extension RouteConfiguration.Target {
    static func read(_ reader: MappingReader, takesTag: Bool) -> Self? {
        var target = RouteConfiguration.Target(position: reader.position, path: reader.path)
        target.provider = reader.text("provider")
        if takesTag { target.tag = reader.text("tag") }
        target.model = reader.text("model")
        if let model = target.model, let node = reader.node("model") {
            let reason =
                ModelPattern(model.value).isExact ? reader.fault(ofPattern: model.value) : "has to name one model"
            if let reason { return reader.refuse("model", node, reason) }
        }
        if takesTag, reader.knows("weight"), let node = reader.node("weight") {
            target.weight = reader.number("weight", in: -1e6...1e6)
            if let weight = target.weight?.value, weight <= 0 {
                return reader.refuse("weight", node, "is \(Figures.amount(weight)), and has to be above 0")
            }
        }
        guard target.provider == nil || target.tag == nil else {
            reader.findings.add(
                .conflict,
                "\(reader.path) has both a provider and a tag",
                at: reader.position,
                nextStep: "Keep one of the two."
            )
            return nil
        }
        if target.provider == nil, target.tag == nil {
            let wanted = takesTag ? "provider and no tag" : "provider"
            reader.findings.add(.missingKey, "\(reader.path) has no \(wanted)", at: reader.position)
            return nil
        }
        return target
    }
}

extension RouteConfiguration.Share {
    fileprivate static func read(_ reader: MappingReader) -> Self? {
        guard let target = RouteConfiguration.Target.read(reader, takesTag: false) else { return nil }
        return Self(target: target, percent: reader.number("percent", in: 0...100))
    }
}

extension RouteConfiguration.Attempts {
    /// Reads an `attempts` mapping, a route's or the server's.
    static func read(_ reader: MappingReader) -> Self {
        var attempts = Self()
        attempts.retries = reader.integer("retries", in: 0...10)
        attempts.backoff = reader.duration("backoff")
        attempts.longestWait = reader.duration("longest_wait")
        attempts.repeatsSent = reader.boolean("repeats_sent")
        attempts.hedges = reader.boolean("hedges")
        attempts.holdsHead = reader.duration("holds_head")
        guard let deadlines = reader.mapping("deadlines") else { return attempts }
        attempts.connect = deadlines.duration("connect")
        attempts.head = deadlines.duration("head")
        attempts.firstToken = deadlines.duration("first_token")
        attempts.idle = deadlines.duration("idle")
        attempts.total = deadlines.duration("total")
        return attempts
    }
}

extension MappingReader {
    /// The mapping that is an element of a list; reports one that is none.
    init?(element node: ConfigurationNode, path: String, context: ReadingContext) {
        guard let members = node.members else {
            context.findings.add(.wrongType, "\(path) has to be a mapping, and is \(node.kind)", at: node.position)
            return nil
        }
        let known = ConfigurationKey.names(below: Self.pattern(path))
        self.init(members, path: path, at: node.position, known: known, findings: context.findings)
    }

    /// A list of texts, or one text in its place.
    func words(_ key: String) -> [Setting<String>]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.content else {
            guard let text = Self.text(node) else { return mismatch(key, node, wanted: "a text or a list of texts") }
            return [Setting(text, .file(node.position))]
        }
        return elements.enumerated().compactMap { index, element in
            guard let text = Self.text(element) else { return mismatch("\(key)[\(index)]", element, wanted: "a text") }
            return Setting(text, .file(element.position))
        }
    }

    /// The same for patterns with `*` and `?`; a bad one is reported.
    func patterns(_ key: String) -> [Setting<String>]? {
        words(key)?.compactMap { word in
            guard let reason = fault(ofPattern: word.value) else { return word }
            findings.add(.badValue, "\(name(of: key)) \(reason)", at: word.origin.position)
            return nil
        }
    }

    /// What of a list of choices a word stands for; one that stands for nothing is reported.
    func choice<Choice: Sendable>(
        _ word: Setting<String>,
        key: String,
        of choices: [Choice],
        _ text: (Choice) -> String
    ) -> Setting<Choice>? {
        if let found = choices.first(where: { text($0) == word.value.lowercased() }) { return word.map { _ in found } }
        let names = choices.map(text)
        findings.add(
            .badValue,
            "\(name(of: key)) has \(word.value), none of \(names.joined(separator: ", "))",
            at: word.origin.position,
            nextStep: Spelling.nearest(to: word.value, among: names).map { "Did you mean \($0)?" }
        )
        return nil
    }

    /// Why a text is no pattern of ours; nil for one that is.
    ///
    /// What other programs' patterns have beside `*` and `?` would match nothing here, and is told.
    func fault(ofPattern text: String) -> String? {
        if text.isEmpty { return "holds a text without a letter" }
        if text.utf8.count > 256 { return "holds a text of more than 256 bytes" }
        if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            return "holds a blank or a control character in \(text.debugDescription)"
        }
        let isSet = text.contains("[!") || text.contains("[^") || text.contains("[a-") || text.contains("[0-")
        let isChoice = text.contains("{") && text.contains(",") && text.contains("}")
        guard isSet || isChoice || text.contains("**") else { return nil }
        return "has the pattern \(text), and only * (any text) and ? (any byte) mean something there"
    }
}

extension ConfigurationNode {
    fileprivate var isSequence: Bool {
        if case .sequence = content { true } else { false }
    }
}
