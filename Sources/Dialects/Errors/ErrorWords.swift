import Inference
import JSON

/// An upstream's error as it words it, whatever the shape it came in.
struct ErrorWords {
    /// The sentence for a person; empty if there is none.
    var message = ""
    /// `type` and `code` where they are words.
    var labels: [String] = []
    /// `code` where it is a number, as some gateways repeat the status.
    var number: Int?
    /// `param`.
    var field: String?

    /// Reads a whole error body; what is not JSON is taken as text.
    init(body: [UInt8]) {
        guard let root = (try? JSONDocument(body))?.root else {
            message = Self.plain(String(decoding: body.prefix(4096), as: UTF8.self))
            return
        }
        read(root.kind == .array ? root[0] : root)
    }

    /// Reads an error object, a body that holds one, or a bare string.
    init(_ view: JSONView?) {
        read(view)
    }

    private mutating func read(_ view: JSONView?) {
        guard let view else { return }
        if let text = view.string {
            message = Self.cleaned(text)
        } else if let inner = view["error"], !inner.isNull, inner.kind != .bool {
            read(inner)
            labels += Self.labels(view)
        } else {
            message = Self.cleaned(Self.sentence(view))
            labels = Self.labels(view)
            number = view["code"]?.int ?? view["status"]?.int
            field = view["param"]?.string
        }
    }

    /// All words in lower case, for looking things up.
    var folded: String { message.lowercased() }

    private static func sentence(_ view: JSONView) -> String {
        if let text = view["message"]?.string { return text }
        guard let detail = view["detail"] else { return "" }
        if let text = detail.string { return text }
        return detail[0]?["msg"]?.string ?? detail["message"]?.string ?? ""
    }

    private static func labels(_ view: JSONView) -> [String] {
        ["code", "type", "status"].compactMap { view[$0]?.string?.lowercased() }.filter { !$0.isEmpty && $0 != "error" }
    }

    /// A page of HTML tells nothing but its title.
    private static func plain(_ text: String) -> String {
        guard text.drop(while: { $0.isWhitespace }).first == "<" else { return cleaned(text) }
        guard let opening = text.lowercased().firstRange(of: "<title>") else { return "" }
        return cleaned(String(text[opening.upperBound...].prefix { $0 != "<" }))
    }

    /// One line of at most 2,000 characters without control characters and without what looks like a key.
    private static func cleaned(_ text: String) -> String {
        let words = text.split {
            $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.value < 0x20 || $0.value == 0x7F }
        }
        var previous = Substring()
        var result = ""
        for word in words {
            if !result.isEmpty { result += " " }
            result += previous.lowercased() == "bearer" ? "***" : masked(word)
            previous = word
            if result.utf8.count > 2000 { return String(result.prefix(2000)) + "…" }
        }
        return result
    }

    private static func masked(_ word: Substring) -> Substring {
        guard let key = word.firstRange(of: "sk-") else { return word }
        let tail = word[key.upperBound...]
        let secret = tail.prefix { $0.isLetter || $0.isNumber || "-_*".contains($0) }
        guard secret.count >= 8 else { return word }
        return word[..<key.upperBound] + "***" + tail.dropFirst(secret.count)
    }
}
