/// Reads what `RecordOutput` wrote; whatever the bytes are, it reads nothing outside of them.
struct RecordInput {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    /// What is to be thrown where the bytes do not go on as they should.
    var problem: RecordCodingError { .malformed(at: offset) }

    mutating func byte() throws(RecordCodingError) -> UInt8 {
        guard offset < bytes.count else { throw problem }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func flag() throws(RecordCodingError) -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw .malformed(at: offset - 1) }
        return byte == 1
    }

    mutating func number() throws(RecordCodingError) -> Int { Self.unfolded(try varint()) }

    mutating func numberIfAny() throws(RecordCodingError) -> Int? {
        let value = try varint()
        return value == 0 ? nil : Self.unfolded(value - 1)
    }

    mutating func text() throws(RecordCodingError) -> String { try text(count: try varint()) }

    mutating func textIfAny() throws(RecordCodingError) -> String? {
        let value = try varint()
        return value == 0 ? nil : try text(count: value - 1)
    }

    private mutating func text(count: UInt64) throws(RecordCodingError) -> String {
        guard count <= UInt64(bytes.count - offset) else { throw problem }
        let end = offset + Int(count)
        guard let text = String(validating: bytes[offset..<end], as: UTF8.self) else { throw problem }
        offset = end
        return text
    }

    private mutating func varint() throws(RecordCodingError) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<RecordOutput.longestNumber {
            let byte = try byte()
            // The tenth byte has room for one bit.
            guard place < 9 || byte <= 1 else { throw .malformed(at: offset - 1) }
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return value }
        }
        throw problem
    }

    private static func unfolded(_ value: UInt64) -> Int {
        Int(bitPattern: UInt(value >> 1)) ^ -Int(bitPattern: UInt(value & 1))
    }
}

/// Why bytes are no record that this version can read.
enum RecordCodingError: Error, Hashable {
    /// A later torii wrote it, in a coding that this one does not know; it is to be kept for that one.
    case newer(version: Int)
    /// No torii writes such bytes.
    case malformed(at: Int)
}
