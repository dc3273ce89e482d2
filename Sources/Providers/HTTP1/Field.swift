/// One header field, lent for the length of a call.
package struct Field {
    package let name: UnsafeRawBufferPointer
    package let value: UnsafeRawBufferPointer
    /// The whole line with its end.
    let line: UnsafeRawBufferPointer

    init(_ line: Fields.Line, in text: UnsafeRawBufferPointer) {
        let start = Int(line.start)
        let nameEnd = start + Int(line.nameCount)
        name = UnsafeRawBufferPointer(rebasing: text[start..<nameEnd])
        value = UnsafeRawBufferPointer(rebasing: text[nameEnd + 2..<nameEnd + 2 + Int(line.valueCount)])
        self.line = UnsafeRawBufferPointer(rebasing: text[start..<start + Int(line.count)])
    }

    package var nameText: String { String(decoding: name, as: UTF8.self) }
    package var valueText: String { String(decoding: value, as: UTF8.self) }

    /// Whether the name is `other`, which is lower-case ASCII, but for the case of its letters.
    package func isNamed(_ other: StaticString) -> Bool {
        name.count == other.utf8CodeUnitCount && ASCII.begins(name, with: other)
    }

    /// Whether the name begins with `prefix`, which is lower-case ASCII.
    package func nameBegins(_ prefix: StaticString) -> Bool { ASCII.begins(name, with: prefix) }

    /// Whether the value is `other`, which is lower-case ASCII, but for the case of its letters.
    package func isValue(_ other: StaticString) -> Bool {
        value.count == other.utf8CodeUnitCount && ASCII.begins(value, with: other)
    }

    /// Whether the value begins with `prefix`, which is lower-case ASCII.
    package func valueBegins(_ prefix: StaticString) -> Bool { ASCII.begins(value, with: prefix) }

    /// Whether the name is `other` but for the case of its letters.
    ///
    /// The label keeps literals, which would else become strings, to the quicker way.
    package func isNamed(text other: String) -> Bool {
        guard name.count == other.utf8.count else { return false }
        var other = other
        return other.withUTF8 { ASCII.areEqual(name, UnsafeRawBufferPointer($0)) }
    }
}

/// Comparisons without regard to the case of ASCII's letters.
enum ASCII {
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    static func begins(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
        let prefix = UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        return bytes.count >= prefix.count && areEqual(UnsafeRawBufferPointer(rebasing: bytes[..<prefix.count]), prefix)
    }

    /// Whether two texts of one length are the same.
    static func areEqual(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at &+ 8 <= one.count {
            let eight = one.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard lower(eight) == lower(other.loadUnaligned(fromByteOffset: at, as: UInt64.self)) else { return false }
            at &+= 8
        }
        while at < one.count {
            guard lower(one[at]) == lower(other[at]) else { return false }
            at &+= 1
        }
        return true
    }

    /// Eight bytes at once.
    @inline(__always)
    private static func lower(_ eight: UInt64) -> UInt64 {
        // Adding sets a byte's highest bit where it is at least A, or behind Z, and never reaches the next byte.
        let low = eight & 0x7F7F_7F7F_7F7F_7F7F
        let capitals = (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ~eight & 0x8080_8080_8080_8080
        return eight | capitals &>> 2
    }
}
