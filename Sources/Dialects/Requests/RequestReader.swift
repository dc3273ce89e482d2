import Inference
import JSON

/// Reads a scanned request's members into `RequestFacts` and says what is wrong with them.
///
/// It lives only inside of the call that lends the bytes.
struct RequestReader {
    /// Names are kept by whoever routes and logs, so that they have a bound in bytes.
    private static let longestModel = 512

    let bytes: UnsafeRawBufferPointer
    let index: JSONIndex
    let endpoint: Endpoint

    /// Applies the rule for one member of the root; a member without a rule means nothing here.
    func read(_ member: JSONIndex.Member, into facts: inout RequestFacts) throws(InferenceError) {
        guard let rule = rule(for: member) else { return }
        let name = rule.name
        if case .refused = rule.kind {
            throw fault("\(name) is not accepted here: the gateway decides where a request goes.", name, member)
        }
        guard member.kind != .null else {
            if case .streamOptions = rule.kind { noteNullOptions(member, &facts) }
            return
        }
        switch rule.kind {
        case .refused: break
        case .model:
            facts.model = try text(member, name)
            facts.modelMember = member
        case .text: _ = try text(member, name)
        case .metadata: try refuseControls(member, name)
        case .flag: facts.stream = try flag(member, name)
        case .streamOptions: try readOptions(member, &facts)
        case .integer(let bounds): _ = try integer(member, name, in: bounds)
        case .outputLimit:
            let value = try integer(member, name, in: 0 ... .max)
            facts.maxOutputTokens = max(facts.maxOutputTokens ?? 0, value)
            facts.maxOutputTokensMembers.append(member)
        case .answers:
            let value = try integer(member, name, in: 1 ... .max)
            facts.answers = max(facts.answers, value)
        case .array: try require(member, name, [.array], "an array")
        case .textOrArray: try require(member, name, [.string, .array], "a string or an array")
        case .of(let kinds, let noun): try require(member, name, kinds, noun)
        case .ollamaOptions: try readOllamaOptions(member, &facts)
        }
    }

    /// Checks what has to be there once all members are read.
    func checkPresence(_ facts: RequestFacts) throws(InferenceError) {
        guard facts.modelMember != nil else { throw missing("model") }
        guard !facts.model.isEmpty else {
            throw fault("model must not be empty.", "model", facts.modelMember)
        }
        guard facts.model.utf8.count <= Self.longestModel else {
            let message =
                "model has \(facts.model.utf8.count) bytes; no model's name is longer than \(Self.longestModel)."
            throw fault(message, "model", facts.modelMember)
        }
        let wanted: [StaticString]
        switch endpoint {
        case .chatCompletions: wanted = ["messages"]
        case .messages: wanted = ["messages", "max_tokens"]
        case .countTokens: wanted = ["messages"]
        case .completions, .embeddings, .responses, .inputTokens: return
        // Without messages, prompt or input Ollama only loads the model.
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings: return
        }
        for name in wanted where !index.members.contains(where: { $0.kind != .null && isNamed($0, name) }) {
            throw missing(name)
        }
    }

    private func rule(for member: JSONIndex.Member) -> RequestRule? {
        let rules = RequestRule.rules(for: endpoint)
        guard !member.keyIsEscaped else { return rules.all.first { isNamed(member, $0.name) } }
        return rules.ofLength(member.key.count).first { isNamed(member, $0.name) }
    }

    private func isNamed(_ member: JSONIndex.Member, _ name: StaticString) -> Bool {
        let key = UnsafeRawBufferPointer(rebasing: bytes[member.key])
        guard member.keyIsEscaped else { return ByteScan.isWhole(name, key) }
        return index.name(member, in: bytes.bytes).utf8.elementsEqual("\(name)".utf8)
    }
}

extension RequestReader {
    private func text(_ member: JSONIndex.Member, _ name: StaticString) throws(InferenceError) -> String {
        try require(member, name, [.string], "a string")
        try refuseControls(member, name)
        return index.string(member, in: bytes.bytes) ?? ""
    }

    private func flag(_ member: JSONIndex.Member, _ name: StaticString) throws(InferenceError) -> Bool {
        try require(member, name, [.bool], "a boolean")
        return bytes[member.value.lowerBound] == 0x74
    }

    private func integer(
        _ member: JSONIndex.Member,
        _ name: StaticString,
        in bounds: ClosedRange<Int>
    ) throws(InferenceError) -> Int {
        let written = bytes[member.value].prefix(32)
        let shown = String(decoding: written, as: UTF8.self)
        guard member.kind == .number, !written.contains(where: { $0 == 0x2E || $0 | 0x20 == 0x65 }) else {
            throw fault("\(name) must be an integer, not \(shown).", name, member)
        }
        guard member.value.count <= 20, let value = Int(shown), bounds.contains(value) else {
            let limit = bounds.lowerBound > .min ? "at least \(bounds.lowerBound) and " : ""
            throw fault("\(name) must be \(limit)within 64 bits, not \(shown).", name, member, detail: "out_of_range")
        }
        return value
    }

    func require(
        _ member: JSONIndex.Member,
        _ name: StaticString,
        _ kinds: [JSONKind],
        _ noun: String
    ) throws(InferenceError) {
        guard !kinds.contains(member.kind) else { return }
        throw fault("\(name) must be \(noun), not \(member.kind.noun).", name, member, detail: "wrong_type")
    }

    private func refuseControls(_ member: JSONIndex.Member, _ name: StaticString) throws(InferenceError) {
        guard JSONText.holdsControl(UnsafeRawBufferPointer(rebasing: bytes[member.value])) else { return }
        throw fault("\(name) holds a control character.", name, member, detail: "control_character")
    }
}

extension RequestReader {
    private static let asking = Array(#"{"include_usage":true}"#.utf8)

    private func noteNullOptions(_ member: JSONIndex.Member, _ facts: inout RequestFacts) {
        facts.usageEdit = JSONEdit(range: member.value, replacement: Self.asking)
    }

    private func readOptions(_ member: JSONIndex.Member, _ facts: inout RequestFacts) throws(InferenceError) {
        try require(member, "stream_options", [.object], "an object")
        let options = EventText(bytes: UnsafeRawBufferPointer(rebasing: bytes[member.value]))
        let index: JSONIndex
        do throws(JSONError) { index = try JSONIndex(scanning: options.bytes.bytes) } catch {
            // It has passed the scan of the whole text already.
            throw InferenceError(request: error)
        }
        let start = member.value.lowerBound
        guard let asked = index.member("include_usage", in: options.bytes.bytes) else {
            let end = start &+ index.closing
            let comma = index.members.isEmpty ? "" : ","
            facts.usageEdit = JSONEdit(range: end..<end, replacement: Array("\(comma)\"include_usage\":true".utf8))
            return
        }
        guard asked.kind == .bool || asked.kind == .null else {
            let name: StaticString = "stream_options.include_usage"
            throw fault("\(name) must be a boolean, not \(asked.kind.noun).", name, member, detail: "wrong_type")
        }
        facts.includesUsage = index.bool(asked, in: options.bytes.bytes)
        let place = start &+ asked.value.lowerBound..<start &+ asked.value.upperBound
        facts.usageEdit = JSONEdit(range: place, replacement: Array("true".utf8))
    }

    private func missing(_ name: StaticString) -> InferenceError {
        fault("\(name) is missing.", name, nil, detail: "missing_member")
    }

    private func fault(
        _ message: String,
        _ name: StaticString,
        _ member: JSONIndex.Member?,
        detail: String? = nil
    ) -> InferenceError {
        let offset = member?.value.lowerBound
        return InferenceError(.invalidRequest, message, field: "\(name)", detail: detail, offset: offset)
    }
}
