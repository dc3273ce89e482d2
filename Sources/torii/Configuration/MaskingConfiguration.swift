import Gateway

/// What is masked, and how what is said is kept, as `server.masking` and `server.capture` have it.
struct MaskingConfiguration: Sendable {
    /// Nil for every kind.
    var kinds: Setting<[MaskKind]>?
    /// The operator's own, each with its text as it was written.
    var patterns: [(pattern: MaskPattern, text: Setting<String>)] = []

    /// Reads `server.masking`; faults go to the findings.
    static func read(_ reader: MappingReader, context: ReadingContext) -> MaskingConfiguration {
        var masking = MaskingConfiguration()
        if let node = reader.node("kinds"), let words = reader.texts("kinds") {
            let known = words.value.compactMap(MaskKind.init)
            let choices = MaskKind.allCases.map(\.rawValue).joined(separator: ", ")
            masking.kinds =
                known.count == words.value.count
                ? words.map { _ in known }
                : reader.refuse("kinds", node, "holds what is none of \(choices)")
        }
        let elements = reader.elements("patterns") ?? []
        if elements.count > MaskRules.mostPatterns, let node = reader.node("patterns") {
            let _: Setting<String>? = reader.refuse(
                "patterns",
                node,
                "has \(elements.count) elements, more than \(MaskRules.mostPatterns)"
            )
            return masking
        }
        for (index, element) in elements.enumerated() {
            let path = reader.name(of: "patterns[\(index)]")
            guard let own = MappingReader(element: element, path: path, context: context) else { continue }
            masking.readPattern(own)
        }
        return masking
    }

    private mutating func readPattern(_ reader: MappingReader) {
        for missing in ["name", "pattern"] where reader.node(missing) == nil {
            reader.findings.add(.missingKey, "\(reader.path) has no \(missing)", at: reader.position)
        }
        guard let name = reader.text("name"), let text = reader.text("pattern") else { return }
        guard !patterns.contains(where: { $0.pattern.name == name.value }) else {
            return reader.findings.add(.duplicateName, "two patterns are named \(name.value)", at: reader.position)
        }
        do throws(MaskPatternFault) {
            let pattern = try MaskPattern(name.value, text.value)
            patterns.append((pattern: pattern, text: text))
        } catch {
            reader.findings.add(.badValue, "\(reader.path) \(error.reason)", at: reader.position)
        }
    }

    /// The same as the gateway takes it.
    var rules: MaskRules {
        MaskRules(kinds: Set(kinds?.value ?? MaskKind.allCases), patterns: patterns.map(\.pattern))
    }

    func write(to yaml: inout YAMLText) {
        guard kinds != nil || !patterns.isEmpty else { return }
        yaml.add("masking", "", depth: 1)
        if let kinds {
            yaml.add("kinds", YAMLText.list(kinds.value.map(\.rawValue)), depth: 2, origin: kinds.origin)
        }
        if !patterns.isEmpty { yaml.add("patterns", "", depth: 2) }
        for (pattern, text) in patterns {
            yaml.add(element: "name: \(YAMLText.scalar(pattern.name))", depth: 3, origin: text.origin)
            yaml.add("pattern", YAMLText.scalar(text.value), depth: 4, origin: text.origin)
        }
    }
}

/// How what is said is kept, for tenants that want it; nil for the gateway's own default.
struct CaptureConfiguration: Sendable {
    var days: Setting<Int>?
    var bytes: Setting<Int>?
    var text: Setting<Int>?

    /// Reads `server.capture`; faults go to the findings.
    static func read(_ reader: MappingReader) -> CaptureConfiguration {
        CaptureConfiguration(
            days: reader.integer("days", in: 1...3_650),
            bytes: reader.size("max_bytes"),
            text: reader.size("max_text")
        )
    }

    /// The same as the gateway takes it.
    var settings: CaptureSettings {
        var settings = CaptureSettings()
        settings.days = days?.value ?? settings.days
        settings.maximumBytes = bytes?.value ?? settings.maximumBytes
        settings.maximumText = text?.value ?? settings.maximumText
        return settings
    }

    func write(to yaml: inout YAMLText) {
        let lines: [(String, String, ValueOrigin)] = [
            days.map { ("days", String($0.value), $0.origin) },
            bytes.map { ("max_bytes", Quantity.text(bytes: $0.value), $0.origin) },
            text.map { ("max_text", Quantity.text(bytes: $0.value), $0.origin) },
        ].compactMap(\.self)
        if !lines.isEmpty { yaml.add("capture", "", depth: 1) }
        for (key, value, origin) in lines { yaml.add(key, value, depth: 2, origin: origin) }
    }
}
