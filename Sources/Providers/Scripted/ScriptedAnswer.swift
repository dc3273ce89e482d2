import JSON

/// The scripted provider's answer: the same words for the same prompt, in any dialect.
struct ScriptedAnswer: Sendable, Hashable {
    /// A longer prompt is quoted up to here.
    private static let quoted = 200

    let prompt: ScriptedPrompt
    /// The text in the pieces in which it is streamed, each a word with the space behind it.
    let pieces: [String]

    init(_ prompt: ScriptedPrompt) {
        self.prompt = prompt
        let cut = prompt.text.count > Self.quoted ? "…" : ""
        let quote = "“\(prompt.text.prefix(Self.quoted))\(cut)”"
        let text = "You said \(quote). I am torii's scripted provider: no model, no key, the same words every time."
        pieces = Self.split(text)
    }

    var text: String { pieces.joined() }
    /// Tokens, by the rule that a word is one.
    var outputTokens: Int { pieces.count }
    var inputTokens: Int { prompt.words }

    private static func split(_ text: String) -> [String] {
        var pieces: [String] = []
        var word = ""
        for character in text {
            word.append(character)
            if character == " " || character == "\n" {
                pieces.append(word)
                word = ""
            }
        }
        return word.isEmpty ? pieces : pieces + [word]
    }
}

/// One JSON text, or one event of a stream with it.
enum ScriptedText {
    static func json(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(body)
        return writer.bytes
    }

    /// A server-sent event, with its name if it has one.
    static func event(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        let head = name.map { "event: \($0)\n" } ?? ""
        return Array("\(head)data: ".utf8) + json(body) + Array("\n\n".utf8)
    }
}
