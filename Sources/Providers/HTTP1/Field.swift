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
    @inline(__always)
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
    package func isNamed(_ other: String) -> Bool {
        guard name.count == other.utf8.count else { return false }
        var place = 0
        for byte in other.utf8 {
            guard ASCII.lower(name[place]) == ASCII.lower(byte) else { return false }
            place += 1
        }
        return true
    }
}

/// Comparisons without regard to the case of ASCII's letters.
enum ASCII {
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    @inline(__always)
    static func begins(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        let expected = prefix.utf8Start
        for place in 0..<count where lower(bytes[place]) != expected[place] { return false }
        return true
    }
}
