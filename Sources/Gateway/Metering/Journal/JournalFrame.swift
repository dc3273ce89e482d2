import CZlib

/// A record as it stands in a segment: the length and the CRC-32 of its coding, four bytes each with the lowest first, and
/// then the coding itself.
enum JournalFrame {
    static let headBytes = 8
    /// No record takes more: each of its texts is bounded.
    static let mostPayload = 1 << 16
    static let mostBytes = headBytes + mostPayload

    /// What stands at a place.
    enum Found: Hashable {
        /// A whole frame, with its payload there.
        case whole(Range<Int>)
        /// A frame whose checksum is wrong; if its length is right, the next one begins there.
        case wrong(next: Int)
        /// A frame that goes on behind the bytes there are.
        case short
        /// A length that no frame has.
        case impossible
    }

    static func append(_ record: UsageRecord, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: headBytes))
        record.encode(into: &bytes)
        bytes.withUnsafeMutableBytes { bytes in
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(start + headBytes)...])
            let (count, sum) = (UInt32(payload.count), checksum(payload))
            bytes.storeBytes(of: count.littleEndian, toByteOffset: start, as: UInt32.self)
            bytes.storeBytes(of: sum.littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
    }

    static func look(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Found {
        guard bytes.count - offset >= headBytes else { return .short }
        let count = Int(number(at: offset, in: bytes))
        guard count > 0, count <= mostPayload else { return .impossible }
        let payload = offset + headBytes..<offset + headBytes + count
        guard payload.upperBound <= bytes.count else { return .short }
        let isRight = checksum(UnsafeRawBufferPointer(rebasing: bytes[payload])) == number(at: offset + 4, in: bytes)
        return isRight ? .whole(payload) : .wrong(next: payload.upperBound)
    }

    /// How many bytes the whole frames among the first ones take; the bytes are frames of our own, not yet on any disk.
    static func wholeBytes(in frames: UnsafeRawBufferPointer, within most: Int) -> Int {
        var end = 0
        while end + headBytes <= most {
            let next = end + headBytes + Int(number(at: end, in: frames))
            guard next <= most else { break }
            end = next
        }
        return end
    }

    /// The bytes of the first of several frames of our own.
    static func firstBytes(of frames: UnsafeRawBufferPointer) -> Int {
        headBytes + Int(number(at: 0, in: frames))
    }

    private static func number(at offset: Int, in bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }
}
