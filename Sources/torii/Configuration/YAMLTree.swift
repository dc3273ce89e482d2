import Yams

/// Reads YAML into configuration nodes, with the mark of every key and value.
enum YAMLTree {
    /// More nodes than any configuration has; aliases of aliases would otherwise grow without end.
    private static let nodeLimit = 100_000

    static func read(_ text: String, file: String) throws(ConfigurationError) -> ConfigurationNode {
        let start = SourcePosition(file: file, line: 1, column: 1)
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch let error as YamlError {
            throw fault(error, text: text, file: file)
        } catch {
            throw ConfigurationError(.syntax, "this is not YAML", at: start)
        }
        guard let root else { return ConfigurationNode(.mapping([]), at: start) }
        var budget = nodeLimit
        let tree = try node(root, file: file, budget: &budget)
        return tree.isNull ? ConfigurationNode(.mapping([]), at: start) : tree
    }

    private static func node(
        _ node: Node,
        file: String,
        budget: inout Int
    ) throws(ConfigurationError) -> ConfigurationNode {
        let position = position(node.mark, file: file)
        budget -= 1
        guard budget > 0 else {
            throw ConfigurationError(.syntax, "the file unfolds into too many values", at: position)
        }
        switch node {
        case .scalar(let scalar): return self.scalar(scalar, node: node, at: position)
        case .sequence(let sequence):
            var elements: [ConfigurationNode] = []
            for element in sequence { elements.append(try self.node(element, file: file, budget: &budget)) }
            return ConfigurationNode(.sequence(elements), at: position)
        case .mapping(let mapping):
            var members: [ConfigurationNode.Member] = []
            for (key, value) in mapping {
                let place = self.position(key.mark, file: file)
                guard let name = key.scalar?.string else {
                    throw ConfigurationError(.wrongType, "a key has to be a text", at: place)
                }
                members.append(
                    .init(key: name, position: place, value: try self.node(value, file: file, budget: &budget))
                )
            }
            return ConfigurationNode(.mapping(members), at: position)
        case .alias:
            throw ConfigurationError(.syntax, "an alias leads to nothing", at: position)
        }
    }

    private static func scalar(_ scalar: Node.Scalar, node: Node, at position: SourcePosition) -> ConfigurationNode {
        let typed = scalar.style == .plain || scalar.style == .any ? scalar.string : nil
        if node.tag == Tag(.null) { return ConfigurationNode(.null, at: position, typed: typed) }
        if node.tag == Tag(.bool), let value = node.bool {
            return ConfigurationNode(.boolean(value), at: position, typed: typed)
        }
        if node.tag == Tag(.int), let value = node.int {
            return ConfigurationNode(.integer(value), at: position, typed: typed)
        }
        if node.tag == Tag(.float), let value = node.float {
            return ConfigurationNode(.number(value), at: position, typed: typed)
        }
        return ConfigurationNode(.text(scalar.string), at: position, typed: typed)
    }

    private static func position(_ mark: Mark?, file: String) -> SourcePosition {
        SourcePosition(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// The library's own description quotes the file, which may hold a key; only its `problem` is passed on.
    private static func fault(_ error: YamlError, text: String, file: String) -> ConfigurationError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let place = position(mark, file: file)
            if problem.contains("another document") {
                return ConfigurationError(.syntax, "a second document begins here; only one can be read", at: place)
            }
            return ConfigurationError(
                .syntax,
                "this is not YAML: \(problem)",
                at: place,
                nextStep: hint(text, at: mark)
            )
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let line = secondLine(of: key, in: text, from: context.mark.line) ?? context.mark.line
            let place = SourcePosition(file: file, line: line, column: context.mark.column)
            return ConfigurationError(
                .duplicateKey,
                "\(key) is given twice, first on line \(context.mark.line)",
                at: place,
                nextStep: "Keep one of the two."
            )
        case .reader(let problem, _, _, _):
            let start = SourcePosition(file: file, line: 1, column: 1)
            return ConfigurationError(.syntax, "this is not YAML: \(problem)", at: start)
        default:
            return ConfigurationError(.syntax, "this is not YAML", at: SourcePosition(file: file, line: 1, column: 1))
        }
    }

    private static func hint(_ text: String, at mark: Mark) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].contains("\t") ? "Indent with spaces: YAML does not take tabs." : nil
    }

    /// The library names the key's first place only.
    private static func secondLine(of key: String, in text: String, from first: Int) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for number in lines.indices.dropFirst(first) {
            let line = lines[number].drop { $0 == " " || $0 == "-" || $0 == "\"" || $0 == "'" }
            if line.hasPrefix(key), let next = line.dropFirst(key.count).first, ":\"' ".contains(next) {
                return number + 1
            }
        }
        return nil
    }
}
