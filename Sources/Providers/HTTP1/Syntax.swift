import JSON

/// What may stand where in a message's head (RFC 9110 section 5, RFC 9112 sections 2 to 5).
enum Syntax {
    /// Letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        byte < 0x80 && (byte < 0x40 ? lowTokens >> byte : highTokens >> (byte & 0x3F)) & 1 == 1
    }

    /// Anything but control characters; a tab is none.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where !isToken(byte) { return false }
        return !text.isEmpty
    }

    static func isFieldValue(_ text: UnsafeRawBufferPointer) -> Bool { endOfFieldValue(text, from: 0) == text.count }

    /// The first offset from `start` on whose byte may not stand in a value, or the end; eight bytes at once.
    static func endOfFieldValue(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at < text.count {
            if at &+ 8 <= text.count {
                let eight = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                if eight.bytes(below: 0x20) | eight.bytes(equalTo: 0x7F) == 0 {
                    at &+= 8
                    continue
                }
            }
            guard isFieldValue(text[at]) else { return at }
            at &+= 1
        }
        return at
    }

    // One bit for each token byte below 0x40, and for each from there to 0x7F.
    @inline(__always) private static var lowTokens: UInt64 { 0x03FF_6CFA_0000_0000 }
    @inline(__always) private static var highTokens: UInt64 { 0x57FF_FFFF_C7FF_FFFE }
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
