import JSON

/// How long the answer to a request may be at most, whatever the request says.
package struct OutputBound: Sendable, Hashable {
    /// What a thinking budget may not go below.
    private static let leastThinking = 1_024

    package var tokens: Int
    /// Whether OpenAI itself is asked, which has another name for it in Chat than all servers that follow it.
    package var isOpenAI: Bool

    package init(_ tokens: Int, isOpenAI: Bool = false) {
        self.tokens = tokens
        self.isOpenAI = isOpenAI
    }

    /// The edits that bring a request to it: a limit that is larger or none becomes this one, and is put in where it is
    /// missing.
    ///
    /// `edits` takes those of the root's members; what comes back stands inside of members.
    func write(
        _ index: JSONIndex,
        in bytes: UnsafeRawBufferPointer,
        _ endpoint: Endpoint,
        to edits: inout JSONEdits
    ) -> [JSONEdit] {
        let body = EventText(bytes: bytes)
        switch endpoint {
        case .chatCompletions:
            bound(["max_tokens", "max_completion_tokens"], index, body, &edits)
            boundPredicted(index, body, &edits)
        case .completions:
            bound(["max_tokens"], index, body, &edits)
            boundPredicted(index, body, &edits)
        case .responses: bound(["max_output_tokens"], index, body, &edits)
        case .messages:
            bound(["max_tokens"], index, body, &edits)
            return thinking(index, body, &edits)
        case .ollamaChat, .ollamaGenerate: return options(index, body, &edits)
        case .embeddings, .inputTokens, .countTokens, .ollamaEmbed, .ollamaEmbeddings: break
        }
        return []
    }

    private func bound(_ names: [String], _ index: JSONIndex, _ body: EventText, _ edits: inout JSONEdits) {
        var isBounded = false
        for name in names {
            guard let member = index.member(name, in: body.bytes.bytes), member.kind != .null else { continue }
            isBounded = true
            if body.integer(of: name, in: index).map({ $0 > tokens }) ?? true { edits.replace(member, raw: digits) }
        }
        guard !isBounded else { return }
        // A null says nothing, and two limits in one request are refused.
        let own = isOpenAI ? names.last ?? names[0] : names[0]
        for name in names where name != own {
            if let member = index.member(name, in: body.bytes.bytes) { edits.remove(member) }
        }
        if let member = index.member(own, in: body.bytes.bytes) {
            edits.replace(member, raw: digits)
        } else {
            edits.insert(own, raw: digits)
        }
    }

    /// llama.cpp has a name of its own for it, which it reads first; below zero it is no limit there.
    private func boundPredicted(_ index: JSONIndex, _ body: EventText, _ edits: inout JSONEdits) {
        guard let member = index.member("n_predict", in: body.bytes.bytes) else { return }
        if let value = body.integer(of: "n_predict", in: index), (1...tokens).contains(value) { return }
        edits.replace(member, raw: digits)
    }

    /// Anthropic wants a thinking budget that is smaller than the whole answer; where that leaves no room for the least one
    /// there is, nothing is thought.
    private func thinking(_ index: JSONIndex, _ body: EventText, _ edits: inout JSONEdits) -> [JSONEdit] {
        guard let (text, inner, start) = object("thinking", index, body),
            let budget = inner.member("budget_tokens", in: text.bytes.bytes),
            text.integer(of: "budget_tokens", in: inner) ?? .max >= tokens
        else { return [] }
        guard tokens > Self.leastThinking else {
            if let member = index.member("thinking", in: body.bytes.bytes) {
                edits.replace(member, raw: Array(#"{"type":"disabled"}"#.utf8))
            }
            return []
        }
        let half = Array("\(max(Self.leastThinking, tokens / 2))".utf8)
        return [JSONEdit(range: start + budget.value.lowerBound..<start + budget.value.upperBound, replacement: half)]
    }

    /// Ollama has it among its `options`.
    private func options(_ index: JSONIndex, _ body: EventText, _ edits: inout JSONEdits) -> [JSONEdit] {
        let whole = Array("{\"num_predict\":\(tokens)}".utf8)
        guard let (text, inner, start) = object("options", index, body) else {
            if let member = index.member("options", in: body.bytes.bytes) {
                edits.replace(member, raw: whole)
            } else {
                edits.insert("options", raw: whole)
            }
            return []
        }
        guard let limit = inner.member("num_predict", in: text.bytes.bytes) else {
            let end = start + inner.closing
            let comma = inner.members.isEmpty ? "" : ","
            return [JSONEdit(range: end..<end, replacement: Array("\(comma)\"num_predict\":\(tokens)".utf8))]
        }
        // Zero and less mean no limit there.
        if let value = text.integer(of: "num_predict", in: inner), (1...tokens).contains(value) { return [] }
        return [JSONEdit(range: start + limit.value.lowerBound..<start + limit.value.upperBound, replacement: digits)]
    }

    /// A member that is an object, its own members, and where it begins.
    private func object(
        _ name: String,
        _ index: JSONIndex,
        _ body: EventText
    ) -> (text: EventText, index: JSONIndex, start: Int)? {
        guard let member = index.member(name, in: body.bytes.bytes) else { return nil }
        // The whole text has been scanned already, so that its parts are well-formed.
        guard let found = try? body.index(of: name, in: index) else { return nil }
        return (found.0, found.1, member.value.lowerBound)
    }

    private var digits: [UInt8] { Array("\(tokens)".utf8) }
}
