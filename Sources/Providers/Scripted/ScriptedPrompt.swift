import JSON

/// What the scripted provider wants to know of a request, in whatever dialect it came.
struct ScriptedPrompt: Sendable, Hashable {
    var model: String
    /// The last thing that the user said.
    var text: String
    /// Words of the whole conversation; they stand for tokens.
    var words: Int
    var stream: Bool
    /// Chat's `stream_options.include_usage`.
    var includesUsage: Bool

    /// Reads a request's body.
    ///
    /// - Parameters:
    ///   - body: any of the four dialects.
    ///   - streams: what an absent `stream` means, which only Ollama takes for true.
    /// - Throws: where the body is not JSON.
    init(body: [UInt8], streams: Bool) throws(JSONError) {
        let root = try JSONDocument(body).root
        model = root["model"]?.string ?? "scripted"
        stream = root["stream"]?.bool ?? streams
        includesUsage = root["stream_options"]?["include_usage"]?.bool ?? false
        let turns = Self.turns(root)
        text = turns.last { $0.role == "user" }?.text ?? ""
        words = turns.reduce(0) { $0 + $1.text.split(whereSeparator: \.isWhitespace).count }
    }

    private static func turns(_ root: JSONView) -> [(role: String, text: String)] {
        if let input = root["input"]?.string { return [("user", input)] }
        guard let list = root["messages"] ?? root["input"], list.kind == .array else { return [] }
        return list.elements.map { ($0["role"]?.string ?? "", text(of: $0["content"])) }
    }

    /// A content is a string, or parts of which some have a text.
    private static func text(of content: JSONView?) -> String {
        guard let content else { return "" }
        if let text = content.string { return text }
        guard content.kind == .array else { return "" }
        return content.elements.compactMap { $0["text"]?.string }.joined(separator: " ")
    }
}
