import Inference
import JSON

extension StreamObserver {
    /// Reads a Chat Completions or Completions chunk; false if it is the usage chunk that only we asked for.
    mutating func takeChat(_ event: ServerSentEvent) throws(InferenceError) -> Bool {
        let text = EventText(bytes: event.data)
        if ByteScan.isWhole("[DONE]", event.data) {
            guard events > 0 else {
                throw InferenceError(
                    .malformed,
                    "The upstream's stream holds nothing but [DONE].",
                    detail: "empty_stream"
                )
            }
            outcome = .completed
            events &+= 1
            return true
        }
        try checkShape(text)
        events &+= 1
        let words = ChatWords(event.data)
        let mayBeFirst = !sawFirstToken
        guard words.usage || words.error || mayBeFirst || ByteScan.isWhole("error", event.name) else {
            if settings.checksEveryEvent { _ = try text.index() }
            return true
        }
        let index = try text.index()
        if let error = text.view(of: "error", in: index) {
            outcome = .failed(ErrorClassification.inBody(error, dialect: .chat))
            return true
        }
        if mayBeFirst { noteFirstChunk(text, index) }
        guard words.usage, let found = text.view(of: "usage", in: index), found.kind == .object else { return true }
        usage = Usage(chat: found)
        return !(settings.stripsUsageChunk && hasNoChoices(text, index))
    }

    private mutating func noteFirstChunk(_ text: EventText, _ index: JSONIndex) {
        if model == nil { model = text.string(of: "model", in: index) }
        guard let choices = text.view(of: "choices", in: index) else { return }
        for choice in choices.elements {
            if let delta = choice["delta"] {
                sawFirstToken = delta.members.contains { $0.key != "role" && $0.value.hasContent }
            } else {
                sawFirstToken = choice["text"]?.hasContent ?? false
            }
            if sawFirstToken { return }
        }
    }

    private func hasNoChoices(_ text: EventText, _ index: JSONIndex) -> Bool {
        guard let choices = text.view(of: "choices", in: index) else { return true }
        return choices.kind == .array && choices.elements.first { _ in true } == nil
    }

    /// Refuses what cannot be an event of any dialect, at the price of a look at both ends.
    func checkShape(_ text: EventText) throws(InferenceError) {
        guard !text.looksWhole else { return }
        _ = try text.index()
    }
}

/// Which telling words a chunk holds as member names, found without parsing.
private struct ChatWords {
    /// `"usage"` with a value other than null.
    var usage = false
    /// `"error"` with a value other than null.
    var error = false

    init(_ data: UnsafeRawBufferPointer) {
        var at = 0
        // A quoted word inside of a string would need a backslash before its second quotation mark.
        while let hit = ByteScan.fiveLetterWord(in: data, from: at) {
            at = hit &+ 1
            if ByteScan.has("\"usage\"", in: data, at: hit) {
                usage = usage || Self.hasValue(data, after: hit)
            } else if ByteScan.has("\"error\"", in: data, at: hit) {
                error = error || Self.hasValue(data, after: hit)
            }
        }
    }

    private static func hasValue(_ data: UnsafeRawBufferPointer, after word: Int) -> Bool {
        let colon = ByteScan.skippingSpace(in: data, from: word &+ 7)
        guard colon < data.count, data[colon] == 0x3A else { return false }
        return !ByteScan.has("null", in: data, at: ByteScan.skippingSpace(in: data, from: colon &+ 1))
    }
}

extension JSONView {
    /// Neither null nor an empty string, array or object.
    fileprivate var hasContent: Bool { !isNull && raw.count > 2 }
}
