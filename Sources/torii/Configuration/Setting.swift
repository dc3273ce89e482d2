/// A place in a configuration file; lines and columns count from 1.
struct SourcePosition: Sendable, Hashable, CustomStringConvertible {
    var file: String
    var line: Int
    var column: Int

    var description: String { "\(file):\(line):\(column)" }
}

/// Where a value comes from, the strongest first: flags beat the environment, it beats the file, that beats defaults.
enum ValueOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A flag, with its dashes.
    case flag(String)
    /// An environment variable's name.
    case environment(String)
    case file(SourcePosition)
    case builtIn

    var description: String {
        switch self {
        case .flag(let name): name
        case .environment(let name): "environment \(name)"
        case .file(let position): "\(position.file):\(position.line)"
        case .builtIn: "default"
        }
    }

    /// The place in a file, where it is one.
    var position: SourcePosition? {
        guard case .file(let position) = self else { return nil }
        return position
    }
}

/// One configured value and where it comes from.
struct Setting<Value: Sendable>: Sendable {
    var value: Value
    var origin: ValueOrigin

    init(_ value: Value, _ origin: ValueOrigin = .builtIn) {
        self.value = value
        self.origin = origin
    }

    func map<Other: Sendable>(_ change: (Value) -> Other) -> Setting<Other> { .init(change(value), origin) }
}

extension Setting: Equatable where Value: Equatable {}
extension Setting: Hashable where Value: Hashable {}
