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
            let restored = Self.restored(root, { text, _, _ in Unmasker.whole(text, map) })
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
        return last.isEmpty ? ByteBuffer() : ByteBuffer(bytes: restoredLine(last[...]))
    }

    private mutating func restoredLine(_ line: ArraySlice<UInt8>) -> [UInt8] {
        guard line.starts(with: Self.field),
            let root = try? JSONDocument(Array(line.dropFirst(Self.field.count))).root,
            let restored = Self.restored(root, { text, choice, isLast in take(text, of: choice, isLast: isLast) })
        else { return Array(line) }
        return Self.field + [UInt8(ascii: " ")] + restored
    }

    private mutating func take(_ text: String, of choice: Int, isLast: Bool) -> String {
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
        _ restore: (_ text: String, _ choice: Int, _ isLast: Bool) -> String
    ) -> [UInt8]? {
        guard root.kind == .object, root["choices"] != nil else { return nil }
        var value = JSONValue(root)
        guard var choices = value["choices"]?.array else { return nil }
        for place in choices.indices {
            guard let text = choices[place]["text"]?.string else { continue }
            let isLast = choices[place]["finish_reason"]?.string != nil
            choices[place]["text"] = JSONValue.string(restore(text, choices[place]["index"]?.int ?? 0, isLast))
        }
        value["choices"] = JSONValue.array(choices)
        return value.bytes
    }

    private static let field = Array("data:".utf8)
    private static let mostChoices = 4_096
}
