import Inference
import JSON

extension Messages {
    /// One side's turn: the dialect wants user and assistant by turns, with results on the user's side.
    struct Turn {
        var isAssistant: Bool
        var content: [ContentPart]
    }

    /// Joins neighbours of the same side; what would write nothing is left out, and a turn of nothing with it.
    ///
    /// An instruction within the conversation becomes a reminder in the user's turn, as not every server knows a third
    /// role. Results stand first in a turn, because the call before it waits for them. A turn is closed once the other
    /// side has answered, so that all but the last stay as they are however the conversation goes on.
    static func turns(
        _ messages: some Sequence<Message>,
        _ dropped: inout [String]
    ) throws(InferenceError) -> [Turn] {
        var turns: [Turn] = []
        var losses: Set<String> = []
        for message in messages {
            if message.name != nil { losses.insert("messages[].name") }
            let content = try parts(of: message, &losses)
            guard !content.isEmpty else { continue }
            let isAssistant = message.role == .assistant
            if let last = turns.indices.last, turns[last].isAssistant == isAssistant {
                turns[last].content += content
            } else {
                turns.append(Turn(isAssistant: isAssistant, content: content))
            }
        }
        for place in turns.indices where !turns[place].isAssistant { sortResultsFirst(&turns[place].content) }
        // The dialect wants the user to begin.
        if turns.first?.isAssistant != false { turns.insert(Turn(isAssistant: false, content: [noBeginning]), at: 0) }
        dropped += losses.sorted()
        return turns
    }

    private static let noBeginning = reminder("The user has said nothing before this point.")

    private static func reminder(_ text: String) -> ContentPart {
        .text("<system-reminder>\n\(text)\n</system-reminder>")
    }

    private static func parts(
        of message: Message,
        _ losses: inout Set<String>
    ) throws(InferenceError) -> [ContentPart] {
        let isInstruction = message.role == .system || message.role == .developer
        var parts: [ContentPart] = []
        for part in message.content {
            switch part {
            case .text(let text) where isInstruction: if part.saysSomething { parts.append(reminder(text)) }
            case _ where isInstruction:
                throw .cannotCarry("An instruction that is not text", .messages, field: "messages")
            case .reasoning(let reasoning) where reasoning.signature == nil && reasoning.encrypted == nil:
                // Without its signature a thought is not taken back.
                losses.insert("reasoning.encrypted_content")
            default: if part.saysSomething { parts.append(part) }
            }
            if case .image(let image) = part, image.detail ?? "auto" != "auto" {
                losses.insert("messages[].content[].detail")
            }
        }
        return parts
    }

    private static func sortResultsFirst(_ content: inout [ContentPart]) {
        let isResult = { (part: ContentPart) in if case .toolResult = part { true } else { false } }
        guard let first = content.firstIndex(where: { !isResult($0) }), content[first...].contains(where: isResult)
        else { return }
        content = content.filter(isResult) + content.filter { !isResult($0) }
    }

    static func write(_ turn: Turn, into writer: inout JSONWriter) throws(InferenceError) {
        try writer.object { (writer) throws(InferenceError) in
            writer.member("role", turn.isAssistant ? "assistant" : "user")
            writer.key("content")
            try writeBlocks(turn.content, into: &writer)
        }
    }
}

extension ContentPart {
    /// Whether it would be more than an empty text block, which the dialect refuses.
    var saysSomething: Bool {
        switch self {
        case .text(let text), .refusal(let text): !text.allSatisfy(\.isWhitespace)
        case .image, .file, .reasoning, .toolCall, .toolResult: true
        }
    }
}
