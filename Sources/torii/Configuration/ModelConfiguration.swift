import Providers

/// What the configuration says of a model, or of all models of a pattern.
struct ModelConfiguration: Sendable {
    /// What a model can be said to be able to do.
    enum Capability: String, CaseIterable { case tools, vision }

    var name: Setting<String>
    var provider: Setting<String>?
    var contextWindow: Setting<Int>?
    var outputLimit: Setting<Int>?
    var capabilities: Setting<[String]>?
    var efforts: Setting<[String]>?
    var price: ModelPrice?
    var limits = LimitConfiguration()
    /// Where the price stands.
    var priceOrigin: ValueOrigin?

    /// Reads one element of `models`; nil where it has no name, which is in the findings then.
    static func read(_ node: ConfigurationNode, path: String, context: ReadingContext) -> ModelConfiguration? {
        guard let members = node.members else {
            context.findings.add(.wrongType, "\(path) has to be a mapping, and is \(node.kind)", at: node.position)
            return nil
        }
        let known = ConfigurationKey.names(below: "models[]")
        let reader = MappingReader(members, path: path, at: node.position, known: known, findings: context.findings)
        guard let name = reader.text("name"), !name.value.isEmpty else {
            context.findings.add(.missingKey, "\(path) has no name", at: node.position)
            return nil
        }
        var model = ModelConfiguration(name: name)
        model.provider = reader.text("provider")
        model.contextWindow = reader.integer("context_window", in: 1...16_777_216)
        model.outputLimit = reader.integer("output_limit", in: 1...16_777_216)
        model.capabilities = reader.texts("capabilities")
        for (index, word) in (model.capabilities?.value ?? []).enumerated() where Capability(rawValue: word) == nil {
            context.findings.add(
                .badValue,
                "\(path).capabilities[\(index)] is \(word), none of tools, vision",
                at: model.capabilities?.origin.position
            )
        }
        model.efforts = reader.texts("efforts")
        model.readPrice(reader)
        if let reader = reader.mapping("limits") { model.limits = .read(reader) }
        return model
    }

    private mutating func readPrice(_ reader: MappingReader) {
        guard let mapping = reader.mapping("price"), let read = ModelPrice.read(mapping) else { return }
        price = read
        priceOrigin = .file(mapping.position)
    }

    static func write(_ models: [ModelConfiguration], to yaml: inout YAMLText) {
        if !models.isEmpty { yaml.add("models", "", depth: 0) }
        for model in models { model.write(to: &yaml) }
    }

    private func write(to yaml: inout YAMLText) {
        yaml.add(element: "name: \(YAMLText.scalar(name.value))", depth: 1, origin: name.origin)
        if let provider { yaml.add("provider", YAMLText.scalar(provider.value), depth: 2, origin: provider.origin) }
        for (key, number) in [("context_window", contextWindow), ("output_limit", outputLimit)] {
            if let number { yaml.add(key, String(number.value), depth: 2, origin: number.origin) }
        }
        for (key, list) in [("capabilities", capabilities), ("efforts", efforts)] {
            if let list { yaml.add(key, YAMLText.list(list.value), depth: 2, origin: list.origin) }
        }
        writePrice(to: &yaml)
        if !limits.lines.isEmpty { yaml.add("limits", "", depth: 2) }
        for (key, value, origin) in limits.lines { yaml.add(key, value, depth: 3, origin: origin) }
    }

    private func writePrice(to yaml: inout YAMLText) {
        guard let price else { return }
        yaml.add("price", "", depth: 2)
        for (key, amount) in price.lines { yaml.add(key, amount, depth: 3, origin: priceOrigin) }
    }
}

extension KnownModels {
    /// The catalogue with the configuration's own entries in front.
    init(_ configuration: Configuration) {
        self.init(own: configuration.models.map(KnownModel.init))
    }
}

extension KnownModel {
    fileprivate init(_ model: ModelConfiguration) {
        var facts = ModelFacts(window: model.contextWindow?.value, outputLimit: model.outputLimit?.value)
        if let words = model.capabilities?.value {
            facts.tools = words.contains(ModelConfiguration.Capability.tools.rawValue)
            facts.vision = words.contains(ModelConfiguration.Capability.vision.rawValue)
        }
        facts.efforts = model.efforts?.value
        facts.price = model.price
        // Names are looked up in lower case.
        self.init(model.name.value.lowercased(), provider: model.provider?.value, facts)
    }
}
