/// Adds and removes providers in a YAML text line by line, so that comments and order stay.
///
/// What comes out is read again and compared: an edit either does exactly what was asked, or throws and changes nothing.
struct ProvidersEdit {
    let path: String
    private(set) var lines: [Substring]
    private let tree: ConfigurationNode

    /// Throws what reading the text throws.
    init(_ text: String, path: String) throws(ConfigurationError) {
        self.path = path
        tree = try YAMLTree.read(text, file: path)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
    }

    var text: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }

    /// Puts a provider behind the last one.
    func adding(_ provider: ProviderConfiguration) throws(ConfigurationError) -> String {
        var edited = self
        var yaml = YAMLText()
        provider.write(to: &yaml, style: .file(revealsSecrets: true))
        let block = yaml.text(origins: false).split(separator: "\n")
        if let list = tree["providers"], !list.isNull {
            guard case .sequence(let elements) = list.content else { throw refusal() }
            if let last = elements.indices.last {
                let range = try self.range(of: last, elements)
                let indent = lines[range.lowerBound].prefix { $0 == " " }
                let moved = block.map { indent + $0.dropFirst(2) }
                edited.lines.insert(contentsOf: moved.map { Substring($0) }, at: contentEnd(range))
            } else {
                let place = list.position.line - 1
                guard lines[place].hasPrefix("providers:") else { throw refusal() }
                edited.lines[place] = "providers:"
                edited.lines.insert(contentsOf: block, at: place + 1)
            }
        } else if let place = lines.firstIndex(where: { $0.hasPrefix("providers:") }) {
            edited.lines.insert(contentsOf: block, at: place + 1)
        } else {
            edited.lines += ["providers:"] + block
        }
        return try checked(edited.text, names: names + [provider.name.value])
    }

    /// Takes a provider out, with the comments between its own lines.
    func removing(_ name: String) throws(ConfigurationError) -> String {
        guard let list = tree["providers"], case .sequence(let elements) = list.content,
            let index = names.firstIndex(of: name), names.count == elements.count
        else { throw refusal() }
        var edited = self
        let range = try self.range(of: index, elements)
        edited.lines.removeSubrange(range.lowerBound..<contentEnd(range))
        if elements.count == 1 {
            guard let place = edited.lines.firstIndex(where: { $0.hasPrefix("providers:") }) else { throw refusal() }
            edited.lines[place] = "providers: []"
        }
        var rest = names
        rest.remove(at: index)
        return try checked(edited.text, names: rest)
    }

    /// Makes a provider the default one.
    func choosing(_ name: String) throws(ConfigurationError) -> String {
        var edited = self
        let line = Substring("default_provider: \(YAMLText.scalar(name))")
        if let node = tree["default_provider"] {
            let place = node.position.line - 1
            guard lines[place].hasPrefix("default_provider:") else { throw refusal() }
            let comment = lines[place].range(of: " #").map { lines[place][$0...] } ?? ""
            edited.lines[place] = line + comment
        } else {
            edited.lines.append(line)
        }
        return try checked(edited.text, names: names)
    }

    /// The names of the providers, in order.
    var names: [String] {
        guard case .sequence(let elements) = tree["providers"]?.content else { return [] }
        return elements.compactMap { ($0["name"] ?? $0["NAME"]).flatMap(MappingReader.text) }
    }

    /// The provider that the text names as the default one.
    var defaultProvider: String? { tree["default_provider"].flatMap(MappingReader.text) }

    /// The lines from an element's dash up to the next element or to what is less indented.
    private func range(of index: Int, _ elements: [ConfigurationNode]) throws(ConfigurationError) -> Range<Int> {
        let start = try dash(of: elements[index])
        let indent = lines[start].prefix { $0 == " " }.count
        var end = start + 1
        while end < lines.count {
            let line = lines[end]
            let content = line.drop { $0 == " " }
            let depth = line.count - content.count
            if !content.isEmpty, content.first != "#", depth <= indent { break }
            end += 1
        }
        return start..<end
    }

    private func dash(of element: ConfigurationNode) throws(ConfigurationError) -> Int {
        var place = element.position.line - 1
        while place >= 0 {
            let content = lines[place].drop { $0 == " " }
            if content.hasPrefix("- ") || content == "-" { return place }
            guard content.isEmpty || content.hasPrefix("#") || place == element.position.line - 1 else { break }
            place -= 1
        }
        throw refusal()
    }

    /// The end of a range without the blank lines and comments at its end, which belong to what follows.
    private func contentEnd(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound + 1 {
            let content = lines[end - 1].drop { $0 == " " }
            guard content.isEmpty || content.hasPrefix("#") else { break }
            end -= 1
        }
        return end
    }

    /// Reads the edited text again: everything but the one provider has to be as it was.
    private func checked(_ text: String, names: [String]) throws(ConfigurationError) -> String {
        let edited = try ProvidersEdit(text, path: path)
        let old = (tree.members ?? []).filter { !["providers", "default_provider"].contains($0.key) }
        let new = (edited.tree.members ?? []).filter { !["providers", "default_provider"].contains($0.key) }
        guard edited.names == names, old.map(\.key) == new.map(\.key), untouched(edited, names: names) else {
            throw refusal()
        }
        return text
    }

    private func untouched(_ edited: ProvidersEdit, names: [String]) -> Bool {
        guard case .sequence(let old) = tree["providers"]?.content ?? .sequence([]),
            case .sequence(let new) = edited.tree["providers"]?.content ?? .sequence([])
        else { return tree["providers"]?.isNull ?? true }
        let kept = old.filter { names.contains(($0["name"] ?? $0["NAME"]).flatMap(MappingReader.text) ?? "") }
        return zip(kept, new).allSatisfy { $0.hasSameContent(as: $1) }
    }

    private func refusal() -> ConfigurationError {
        ConfigurationError(
            .unsupported,
            "\(path) is written in a way that cannot be edited line by line",
            nextStep: "Edit it by hand; torii config check then says whether it is in order."
        )
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}

extension ConfigurationNode {
    /// Whether two nodes say the same, wherever they stand.
    func hasSameContent(as other: ConfigurationNode) -> Bool {
        switch (content, other.content) {
        case (.mapping(let left), .mapping(let right)):
            left.map(\.key) == right.map(\.key) && zip(left, right).allSatisfy { $0.value.hasSameContent(as: $1.value) }
        case (.sequence(let left), .sequence(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.hasSameContent(as: $1) }
        case (.text(let left), .text(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        case (.null, .null): true
        case (.foreign(let left), .foreign(let right)): left == right
        default: false
        }
    }
}
