import JSON
import NIOCore

/// Puts the originals back into the texts of an answer of `/v1/completions`, those of each choice by themselves.
///
/// Everything else stays as it came, and what cannot be read keeps its placeholders.
struct CompletionUnmasking {
    private let map: MaskMap
    /// What is held back of texts that go on, by the index of their choice.
    private var texts: [Int: Unmasker] = [:]
    /// A line of the stream whose end has not come.
    private var line: [UInt8] = []

    init(_ map: MaskMap) { self.map = map }

    /// A body that is no stream, with the originals in it.
    func whole(_ body: ByteBuffer) -> ByteBuffer {
        guard let root = try? JSONDocument(Array(body.readableBytesView)).root,
            let restored = Self.restored(root, { text, _, _ in text.map { Unmasker.whole($0, map) } })
        else { return body }
        return ByteBuffer(bytes: restored)
    }

    /// The lines of a stream that are whole by now, with the originals in them.
    mutating func take(_ bytes: ByteBuffer) -> ByteBuffer {
        line += bytes.readableBytesView
        guard let end = line.lastIndex(of: UInt8(ascii: "\n")) else { return ByteBuffer() }
        let whole = Array(line[..<end])
        line.removeSubrange(...end)
        var output = ByteBuffer()
        for one in whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            output.writeBytes(restoredLine(one))
            output.writeInteger(UInt8(ascii: "\n"))
        }
        return output
    }

    /// What is left at the end of a stream.
    mutating func finish() -> ByteBuffer {
        let last = line
        line = []
        return ByteBuffer(bytes: (last.isEmpty ? [] : restoredLine(last[...])) + heldEvents())
    }

    private mutating func restoredLine(_ line: ArraySlice<UInt8>) -> [UInt8] {
        guard line.starts(with: Self.field) else { return Array(line) }
        let data = line.dropFirst(Self.field.count)
        if data.filter({ $0 != UInt8(ascii: " ") }).starts(with: Self.done) { return heldEvents() + line }
        guard let root = try? JSONDocument(Array(data)).root,
            let restored = Self.restored(root, { text, choice, isLast in take(text, of: choice, isLast: isLast) })
        else { return Array(line) }
        return Self.field + [UInt8(ascii: " ")] + restored
    }

    /// Events with what is held back still, of choices whose end nobody has told.
    private mutating func heldEvents() -> [UInt8] {
        let held = texts.sorted { $0.key < $1.key }
        texts = [:]
        return held.flatMap { choice, unmasker in
            let text: JSONValue = ["index": .number(JSONNumber(choice)), "text": .string(unmasker.rest)]
            let event: JSONValue = ["object": "text_completion", "choices": [text]]
            return Self.field + [UInt8(ascii: " ")] + event.bytes + Array("\n\n".utf8)
        }
    }

    /// Nil for a text that is not there, and need not be.
    private mutating func take(_ text: String?, of choice: Int, isLast: Bool) -> String? {
        // The end of a choice may come without a text.
        guard let text = text ?? (isLast && texts[choice] != nil ? "" : nil) else { return nil }
        // Nobody asks for so many choices; a provider that tells of them has each text end by itself.
        let isLast = isLast || texts.count >= Self.mostChoices
        var unmasker = texts[choice] ?? Unmasker(map)
        let known = unmasker.take(text)
        let rest = unmasker.rest
        texts[choice] = isLast || rest.isEmpty ? nil : unmasker
        return isLast ? known + rest : known
    }

    /// The text of an answer whose choices' texts are restored; nil for what has none.
    private static func restored(
        _ root: JSONView,
        _ restore: (_ text: String?, _ choice: Int, _ isLast: Bool) -> String?
    ) -> [UInt8]? {
        guard root.kind == .object, root["choices"] != nil else { return nil }
        var value = JSONValue(root)
        guard var choices = value["choices"]?.array else { return nil }
        for place in choices.indices {
            let choice = choices[place]
            let isLast = choice["finish_reason"]?.string != nil
            guard let text = restore(choice["text"]?.string, choice["index"]?.int ?? 0, isLast) else { continue }
            choices[place]["text"] = JSONValue.string(text)
        }
        value["choices"] = JSONValue.array(choices)
        return value.bytes
    }

    private static let field = Array("data:".utf8)
    private static let done = Array("[DONE]".utf8)
    private static let mostChoices = 4_096
}
