import Gateway

/// How much may be asked of somebody or something, and where, as far as the configuration says.
struct LimitConfiguration: Sendable {
    private(set) var given: [(member: LimitSet.Member, setting: Setting<Int>)] = []
    /// Tags, of which a provider has to have one.
    private(set) var regions: Setting<[String]>?
    /// Patterns of the models that there are; only for the whole installation.
    private(set) var models: Setting<[String]>?

    /// Reads every limit that stands in a mapping, where it may stand beside others.
    static func read(_ reader: MappingReader) -> LimitConfiguration {
        var limits = LimitConfiguration()
        for member in LimitSet.Member.allCases {
            guard let setting = reader.integer(member.rawValue, in: LimitSet.bounds) else { continue }
            limits.given.append((member, setting))
        }
        limits.regions = list("regions", reader)
        if reader.knows("models") { limits.models = list("models", reader) }
        return limits
    }

    /// A list that is empty would allow everything, and one that a variable has left empty must not.
    private static func list(_ key: String, _ reader: MappingReader) -> Setting<[String]>? {
        guard let list = reader.texts(key), let node = reader.node(key) else { return nil }
        guard !list.value.isEmpty, !list.value.contains("") else {
            return reader.refuse(key, node, "holds nothing, or an empty text", "Leave it out to allow all.")
        }
        return list
    }

    var isEmpty: Bool { given.isEmpty && regions == nil && models == nil }

    /// The numbers as the gateway takes them.
    var set: LimitSet {
        var set = LimitSet()
        for limit in given { set[limit.member] = limit.setting.value }
        return set
    }

    /// What `YAMLText` writes: names, values and where they come from.
    var lines: [(String, String, ValueOrigin)] {
        var lines = given.map { ($0.member.rawValue, String($0.setting.value), $0.setting.origin) }
        for (key, list) in [("regions", regions), ("models", models)] {
            if let list { lines.append((key, YAMLText.list(list.value), list.origin)) }
        }
        return lines
    }
}

extension Configuration {
    /// Checks that some provider has one of the tags of each limit: a misspelt one would shut everybody out.
    func checkRegions(_ findings: Findings) {
        check(server.limits.admission, "server.limits", findings)
        for (index, model) in models.enumerated() { check(model.limits, "models[\(index)].limits", findings) }
    }

    private func check(_ limits: LimitConfiguration, _ path: String, _ findings: Findings) {
        guard let regions = limits.regions else { return }
        let tags = Set(providers.flatMap { $0.tags?.value ?? [] })
        guard tags.isDisjoint(with: regions.value) else { return }
        findings.add(
            .unknownProvider,
            "\(path).regions names none of the tags that providers have",
            at: regions.origin.position,
            nextStep: regions.value.first.flatMap { Spelling.nearest(to: $0, among: tags) }
                .map { "Did you mean \($0)?" }
        )
    }
}
