import Dialects
import JSON
import NIOCore

/// What has to be masked of a request to `/v1/completions`, which goes on as its own bytes but for that.
struct CompletionMask {
    /// In the places of texts with something in them that has to be masked.
    let edits: [BodyEdit]
    /// What was masked.
    let map: MaskMap

    /// - Throws: `Refusal` 400 for a prompt of token ids, in which nothing can be found.
    init(_ body: ByteBuffer, _ facts: RequestFacts, _ rules: MaskRules) throws(Refusal) {
        var mask = TextMask(rules)
        var edits: [BodyEdit] = []
        var isReadable = true
        body.withUnsafeReadableBytes { bytes in
            let kept = Self.kept.map { facts.index.member($0, in: bytes.bytes) }
            let prompt = facts.index.member("prompt", in: bytes.bytes)
            for member in facts.index.members where Self.kinds.contains(member.kind) && !kept.contains(member) {
                let value = Array(bytes[member.value])
                if member == prompt, !Self.isText(value) { isReadable = false }
                let masked = mask.maskedJSON(value, keepsNumbers: true)
                guard masked != value else { continue }
                edits.append(BodyEdit(range: member.value, replacement: [ByteBuffer(bytes: masked)]))
            }
        }
        guard isReadable else {
            throw Refusal(
                .dialectUnsupported,
                "What this tenant says is masked for providers, and token ids cannot be. Send the prompt as text.",
                field: "prompt"
            )
        }
        self.edits = edits
        map = mask.map
    }

    /// Whether a prompt is a text or a list of texts.
    private static func isText(_ value: [UInt8]) -> Bool {
        guard let root = try? JSONDocument(value).root else { return false }
        return root.kind != .array || root.elements.allSatisfy { $0.kind == .string }
    }

    /// Members that say nothing of anybody, and that other edits are for.
    private static let kept = ["model", "stream_options"]
    /// Numbers are settings here.
    private static let kinds: Set<JSONKind> = [.string, .array, .object]
}
