import Dialects

/// A request target that every stage reads alike: an origin-form path that needs no decoding, and its query.
package struct RequestTarget: Sendable, Hashable {
    /// Begins with `/`; holds no `%`, `;`, `\`, empty or dot segment.
    package let path: String
    /// With its `?`; empty where there is none.
    package let query: String

    /// Reads the target of a request line.
    ///
    /// - Throws: `Refusal` 400 `invalid_path` for anything that two readers could understand differently (B7).
    package init(_ target: String) throws(Refusal) {
        guard target.utf8.first == UInt8(ascii: "/") else {
            throw Refusal(.badTarget, "The request target must be a path such as /v1/responses.").closing()
        }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw Refusal(.badTarget, "The request target holds a character that has no place in it.").closing()
        }
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.utf8.endIndex
        let path = target[..<mark]
        guard Self.isPlain(path.utf8) else {
            throw Refusal(.badTarget, "The path must be plain: no %, ; or \\ and no empty or dot segments.")
        }
        self.path = mark == target.utf8.endIndex ? target : String(path)
        self.query = String(target[mark...])
    }

    private static func isPlain(_ path: Substring.UTF8View) -> Bool {
        var previous: UInt8 = 0
        for byte in path {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "\\"): return false
            case UInt8(ascii: "/") where previous == byte: return false
            case UInt8(ascii: ".") where previous == UInt8(ascii: "/"): return false
            default: previous = byte
            }
        }
        return true
    }
}
