/// What may stand where in a message's head (RFC 9110 section 5, RFC 9112 sections 2 to 5).
enum Syntax {
    /// Letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool { tokens[Int(byte)] }

    /// Anything but control characters; a tab is none.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isToken)
    }

    /// What keeps a field from being written; nil means nothing does.
    static func fault(name: String, value: String) -> String? {
        guard isToken(name) else { return "a field's name is not a token" }
        guard value.utf8.allSatisfy(isFieldValue) else { return "the field \(name) holds a control character" }
        return nil
    }

    private static let tokens: [Bool] = (0..<256).map { byte in
        switch UInt8(byte) {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(UInt8(byte))
        }
    }
}

/// Why bytes are not an HTTP/1 message, or not one that two readers would understand alike.
package enum HTTPSyntaxError: Error, Sendable, Hashable {
    /// A request line or status line that is none.
    case badStart
    /// Another version than 1.1 and 1.0.
    case wrongVersion
    case badField
    /// Lengths and codings that contradict each other or are not spoken here.
    case badFraming
    /// More fields, or longer ones, than may be.
    case headTooLarge

    /// For a person.
    package var words: String {
        switch self {
        case .badStart: "the message does not begin as HTTP/1.1 does"
        case .wrongVersion: "the message is in another version than HTTP/1.1"
        case .badField: "a header field is malformed"
        case .badFraming: "the length of the body is ambiguous"
        case .headTooLarge: "the message's head is over its limit"
        }
    }
}
