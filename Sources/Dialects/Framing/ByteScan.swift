/// Searches over raw bytes, eight at a time; none of them allocates.
package enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Where the next LF or CR stands at or after `start`; the buffer's count if there is none.
    static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let memory = bytes.baseAddress else { return 0 }
        let feeds = ones &* 0x0A
        let returns = ones &* 0x0D
        var at = start
        while at &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let hit = zeroBytes(word ^ feeds) | zeroBytes(word ^ returns)
            if hit != 0 { return at &+ hit.trailingZeroBitCount >> 3 }
            at &+= 8
        }
        while at < bytes.count {
            let byte = memory.load(fromByteOffset: at, as: UInt8.self)
            if byte == 0x0A || byte == 0x0D { return at }
            at &+= 1
        }
        return bytes.count
    }

    /// Where a quoted word of five letters (`"usage"`, `"error"`) may stand at or after `start`: the first place with
    /// a quotation mark that has another one six bytes on.
    static func fiveLetterWord(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let memory = bytes.baseAddress else { return nil }
        let quotes = ones &* 0x22
        var at = start
        while at &+ 14 <= bytes.count {
            let opening = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let closing = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: at &+ 6, as: UInt64.self))
            let hit = zeroBytes((opening ^ quotes) | (closing ^ quotes))
            if hit != 0 { return at &+ hit.trailingZeroBitCount >> 3 }
            at &+= 8
        }
        while at &+ 7 <= bytes.count {
            let opening = memory.load(fromByteOffset: at, as: UInt8.self)
            if opening == 0x22, memory.load(fromByteOffset: at &+ 6, as: UInt8.self) == 0x22 { return at }
            at &+= 1
        }
        return nil
    }

    /// Whether a word of at least two letters stands anywhere: looks for its first and its last letter, so far apart.
    package static func holds(_ word: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        let length = word.utf8CodeUnitCount
        guard let memory = bytes.baseAddress, bytes.count >= length else { return false }
        let first = ones &* UInt64(word.utf8Start[0])
        let last = ones &* UInt64(word.utf8Start[length &- 1])
        var at = 0
        while at &+ length &+ 7 <= bytes.count {
            let opening = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let end = at &+ length &- 1
            let closing = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            if zeroBytes((opening ^ first) | (closing ^ last)) != 0 {
                for place in at..<at &+ 8 where has(word, in: bytes, at: place) { return true }
            }
            at &+= 8
        }
        while at &+ length <= bytes.count {
            if has(word, in: bytes, at: at) { return true }
            at &+= 1
        }
        return false
    }

    /// Whether `text` stands at `offset`.
    static func has(_ text: StaticString, in bytes: UnsafeRawBufferPointer, at offset: Int = 0) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset >= 0, offset &+ count <= bytes.count, let memory = bytes.baseAddress else { return false }
        for index in 0..<count
        where memory.load(fromByteOffset: offset &+ index, as: UInt8.self) != text.utf8Start[index] {
            return false
        }
        return true
    }

    /// Whether the bytes are exactly `text`.
    static func isWhole(_ text: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count == text.utf8CodeUnitCount && has(text, in: bytes)
    }

    /// Whether the same bytes as in `text` stand at `offset`.
    static func has(_ text: [UInt8], in bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard offset >= 0, offset &+ text.count <= bytes.count, let memory = bytes.baseAddress else { return false }
        return text.withUnsafeBytes { text in
            guard let words = text.baseAddress else { return true }
            var at = 0
            while at &+ 8 <= text.count {
                let left = words.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                guard left == memory.loadUnaligned(fromByteOffset: offset &+ at, as: UInt64.self) else { return false }
                at &+= 8
            }
            while at < text.count {
                let left = words.load(fromByteOffset: at, as: UInt8.self)
                guard left == memory.load(fromByteOffset: offset &+ at, as: UInt8.self) else { return false }
                at &+= 1
            }
            return true
        }
    }

    /// The first place at or after `offset` that is not JSON white space.
    static func skippingSpace(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int {
        var at = offset
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0A || bytes[at] == 0x0D {
            at &+= 1
        }
        return at
    }

    /// The high bit of each byte that is zero; bits above the lowest hit may be false, so only the lowest counts.
    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
}
