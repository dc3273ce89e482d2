import Inference

/// The names under which a caller's tools are told to a provider, and the way back.
///
/// A name depends on the tool alone, and on who else wants the same one: a tool that comes later in a conversation
/// renames none that was there.
struct FoldedNames: Sendable {
    /// What a function's name stands for.
    struct Original: Sendable, Hashable {
        var name: String
        var namespace: String?
        var kind: ToolCall.Kind

        /// Of one name there are seldom two kinds.
        func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(namespace)
        }
    }

    /// By the function's name; only those that the caller would not recognise.
    private(set) var originals: [String: Original] = [:]
    private var names: [Original: String] = [:]
    /// The names that tools have of their own.
    private var kept: Set<String> = []
    /// The longest name of a function that may stay; nil for a dialect that takes any name.
    private let limit: Int?

    private static let longest = 64
    /// A namespace that says no more than that functions are in it: models know its tools without it.
    private static let plainSpace = "functions"

    /// With room for so many tools.
    init(for dialect: Dialect, room: Int) {
        names.reserveCapacity(room)
        originals.reserveCapacity(room)
        limit =
            switch dialect {
            case .chat, .responses: Self.longest
            case .messages: 128
            case .ollama: nil
            }
    }

    /// Keeps a function's own name for it.
    mutating func keep(_ name: String) {
        kept.insert(name)
    }

    /// Whether the provider's dialect takes a function's name as it is.
    func stays(_ name: String) -> Bool {
        guard let limit else { return true }
        return (1...limit).contains(name.utf8.count) && name.utf8.allSatisfy(Self.isPlain)
    }

    /// The name of a tool that has one already.
    func known(_ original: Original) -> String? { names[original] }

    /// A name that no other tool has and that every dialect takes: letters, digits, `_` and `-`, 64 at most.
    mutating func name(for original: Original) -> String {
        if let name = names[original] { return name }
        let space = original.namespace.flatMap { $0 == Self.plainSpace ? nil : $0 }
        let wanted = space.map { $0.hasSuffix("__") ? $0 + original.name : $0 + "__" + original.name }
        var name = wanted ?? original.name
        if !name.utf8.allSatisfy(Self.isPlain) {
            name = String(decoding: name.utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        }
        if name.isEmpty { name = "tool" }
        let plain = name.utf8
        var round: UInt32 = 0
        while plain.count > Self.longest && round == 0 || kept.contains(name) || originals[name] != nil {
            let mark = "_" + Self.mark(original, round)
            name = String(decoding: plain.prefix(Self.longest - mark.utf8.count), as: UTF8.self) + mark
            round += 1
        }
        names[original] = name
        originals[name] = original
        return name
    }

    /// Eight digits that tell a tool apart from others of nearly the same name: FNV-1a of all that it is called.
    private static func mark(_ original: Original, _ round: UInt32) -> String {
        var hash: UInt32 = 0x811C_9DC5 ^ round
        for byte in "\(original.namespace ?? "")\u{0}\(original.name)\u{0}\(original.kind.rawValue)".utf8 {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
