import Inference
import JSON

/// Makes plain functions of tools that only some dialects know, and remembers what they were.
///
/// A custom tool becomes a function with one string, `input`; the functions of a namespace get its name in front of
/// theirs; a function whose name the provider's dialect would refuse gets another one. Tools that a provider runs by
/// itself are another provider's and are left out.
struct ToolFolding: Sendable {
    /// What a function's name stands for.
    struct Original: Sendable, Hashable {
        var name: String
        var namespace: String?
        var kind: ToolCall.Kind
    }

    /// By the function's name; only those that the caller would not recognise.
    private(set) var originals: [String: Original] = [:]
    private var names: [Original: String] = [:]
    private var taken: Set<String> = []
    private let keepsCustom: Bool
    /// The longest name of a function that may stay; nil for a dialect that takes any name.
    private let limit: Int?

    /// The way back for the answer.
    var unfolding: ToolUnfolding { ToolUnfolding(originals: originals) }

    /// Folds the tools of a request and the calls in its history.
    ///
    /// - Throws: `invalidRequest` if the one tool that has to be called cannot be offered.
    init(
        folding request: inout InferenceRequest,
        for dialect: Dialect,
        _ dropped: inout [String]
    ) throws(InferenceError) {
        keepsCustom = dialect == .responses
        limit = Self.limit(dialect)
        for tool in request.tools {
            if case .function(let function) = tool, stays(function.name) { taken.insert(function.name) }
        }
        var hosted: Set<String> = []
        var tools: [Tool] = []
        for tool in request.tools {
            guard case .hosted(let type, _) = tool else {
                tools += fold(tool)
                continue
            }
            hosted.insert(type)
            dropped.append("tools[\(type)]")
        }
        request.tools = tools
        for place in request.messages.indices {
            request.messages[place].content = request.messages[place].content.map { fold($0) }
        }
        guard case .tool(let name, let kind) = request.toolChoice else {
            guard tools.isEmpty else { return }
            guard request.toolChoice != .required || hosted.isEmpty else {
                throw .cannotCarry(
                    "A call that only the provider's own tools can answer",
                    dialect,
                    field: "tool_choice"
                )
            }
            if request.toolChoice != .required { request.toolChoice = nil }
            return
        }
        guard !hosted.contains(name) else { throw .cannotCarry("The tool \(name)", dialect, field: "tool_choice") }
        let original = Original(name: name, namespace: nil, kind: kind)
        if let folded = names[original] { request.toolChoice = .tool(folded) }
    }

    // MARK: Tools

    private mutating func fold(_ tool: Tool) -> [Tool] {
        switch tool {
        case .hosted: return [tool]
        case .function(var function):
            guard !stays(function.name) else { return [tool] }
            function.name = name(for: Original(name: function.name, namespace: nil, kind: .function))
            return [.function(function)]
        case .custom(let custom):
            guard !keepsCustom else { return [tool] }
            let name = name(for: Original(name: custom.name, namespace: nil, kind: .custom))
            return [.function(Self.function(named: name, for: custom))]
        case .namespace(let space, let description, let functions):
            return functions.map { function in
                var function = function
                function.name = name(for: Original(name: function.name, namespace: space, kind: .function))
                let words = [description, function.description].compactMap(\.self).filter { !$0.isEmpty }
                function.description = words.isEmpty ? nil : words.joined(separator: "\n\n")
                return .function(function)
            }
        }
    }

    private static func function(named name: String, for custom: CustomTool) -> FunctionTool {
        var description = custom.description ?? ""
        if let grammar = custom.format?["definition"]?.string {
            let syntax = custom.format?["syntax"]?.string ?? "given"
            description += "\n\nThe input must fit this grammar (\(syntax)):\n\(grammar)"
        }
        return FunctionTool(
            name: name,
            description: description.isEmpty ? nil : description,
            parameters: [
                "type": "object",
                "properties": [
                    "input": ["type": "string", "description": "The whole input of the tool, as plain text."]
                ],
                "required": ["input"],
                "additionalProperties": false,
            ]
        )
    }

    /// A name that no other tool has and that every dialect takes: letters, digits, `_` and `-`, 64 at most.
    private mutating func name(for original: Original) -> String {
        if let name = names[original] { return name }
        let wanted = original.namespace.map { $0.hasSuffix("__") ? $0 + original.name : "\($0)__\(original.name)" }
        let plain = (wanted ?? original.name).utf8.prefix(Self.longest).map {
            Self.isPlain($0) ? $0 : UInt8(ascii: "_")
        }
        var name = plain.isEmpty ? "tool" : String(decoding: plain, as: UTF8.self)
        var number = 2
        while !taken.insert(name).inserted {
            let suffix = "_\(number)"
            name = String(decoding: plain.prefix(Self.longest - suffix.count), as: UTF8.self) + suffix
            number += 1
        }
        names[original] = name
        originals[name] = original
        return name
    }

    private static let longest = 64

    /// Whether the provider's dialect takes a function's name as it is.
    private func stays(_ name: String) -> Bool {
        guard let limit else { return true }
        return (1...limit).contains(name.utf8.count) && name.utf8.allSatisfy(Self.isPlain)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func limit(_ dialect: Dialect) -> Int? {
        switch dialect {
        case .chat, .responses: longest
        case .messages: 128
        case .ollama: nil
        }
    }

    // MARK: History

    private mutating func fold(_ part: ContentPart) -> ContentPart {
        switch part {
        case .toolCall(var call):
            let isFolded = call.namespace != nil || (call.kind == .custom ? !keepsCustom : !stays(call.name))
            guard isFolded else { return part }
            call.name = name(for: Original(name: call.name, namespace: call.namespace, kind: call.kind))
            if call.kind == .custom {
                call.arguments = String(
                    decoding: JSONValue.object(["input": .string(call.arguments)]).bytes,
                    as: UTF8.self
                )
            }
            (call.namespace, call.kind) = (nil, .function)
            return .toolCall(call)
        case .toolResult(var result):
            if !keepsCustom { result.kind = .function }
            return .toolResult(result)
        default: return part
        }
    }
}
