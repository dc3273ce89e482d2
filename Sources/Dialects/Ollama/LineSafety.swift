import JSON

/// Keeps one JSON text on one line, whatever its reader takes for the end of a line.
///
/// JSON lets U+0085, U+2028 and U+2029 stand in strings as they are, and line feeds between values. The official Python
/// client splits a stream at all of them and then fails at half a text, so the former are escaped and the latter become
/// spaces; the text means the same.
enum LineSafety {
    /// Whether nothing in valid JSON text could be taken for the end of a line.
    static func isSafe(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case 0x0A, 0x0D: return false
            case 0xC2, 0xE2: if separator(bytes, at) != nil { return false }
            default: break
            }
            at &+= 1
        }
        return true
    }

    /// The same JSON text without such places.
    static func safe(_ text: [UInt8]) -> [UInt8] {
        text.withUnsafeBufferPointer { bytes in
            guard !isSafe(bytes) else { return text }
            var safe: [UInt8] = []
            safe.reserveCapacity(bytes.count + 16)
            var at = 0
            while at < bytes.count {
                if let (escape, count) = separator(bytes, at) {
                    escape.withUTF8Buffer { safe.append(contentsOf: $0) }
                    at += count
                } else {
                    safe.append(bytes[at] == 0x0A || bytes[at] == 0x0D ? 0x20 : bytes[at])
                    at += 1
                }
            }
            return safe
        }
    }

    /// A separator at this place as its escape and its length.
    private static func separator(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (StaticString, Int)? {
        if bytes[at] == 0xC2, at &+ 1 < bytes.count, bytes[at &+ 1] == 0x85 { return ("\\u0085", 2) }
        guard bytes[at] == 0xE2, at &+ 2 < bytes.count, bytes[at &+ 1] == 0x80 else { return nil }
        switch bytes[at &+ 2] {
        case 0xA8: return ("\\u2028", 3)
        case 0xA9: return ("\\u2029", 3)
        default: return nil
        }
    }
}

extension JSONWriter {
    /// A string that stays on one line.
    mutating func lineString(_ text: String) {
        var text = text
        let isPlain = text.withUTF8 { bytes in
            // A line feed is escaped in a string anyway.
            !bytes.contains { $0 == 0xC2 || $0 == 0xE2 } || LineSafety.isSafe(bytes)
        }
        guard !isPlain else { return string(text) }
        var writer = JSONWriter(capacity: text.utf8.count + 16)
        writer.string(text)
        raw(LineSafety.safe(writer.bytes))
    }

    /// A value that `body` writes, kept on one line.
    mutating func lineValue(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        raw(LineSafety.safe(writer.bytes))
    }
}
