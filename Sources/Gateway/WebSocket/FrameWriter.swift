import NIOCore

/// Frames for a client, gathered so that a flush is mostly a single write; never masked, never in parts.
struct FrameWriter {
    private static let shortPiece = 8 << 10

    private var gathered = ByteBuffer()

    /// Adds a message; `write` takes what is better written than gathered.
    mutating func text(_ payload: ByteBuffer, write: (ByteBuffer) -> Void) {
        head(.text, payload.readableBytes)
        if payload.readableBytes <= Self.shortPiece {
            gathered.writeImmutableBuffer(payload)
        } else {
            if let before = take() { write(before) }
            write(payload)
        }
        if gathered.readableBytes > 2 * Self.shortPiece, let full = take() { write(full) }
    }

    /// Adds a ping, or the answer to one.
    mutating func control(_ opcode: FrameHead.Opcode, _ payload: ByteBuffer = ByteBuffer()) {
        head(opcode, payload.readableBytes)
        gathered.writeImmutableBuffer(payload)
    }

    /// Adds the frame that closes; an empty one where there is no code.
    mutating func close(_ code: UInt16?, _ reason: String = "") {
        guard let code else { return head(.close, 0) }
        head(.close, 2 + reason.utf8.count)
        gathered.writeInteger(code)
        gathered.writeString(reason)
    }

    /// What is gathered, once; nil where there is nothing.
    mutating func take() -> ByteBuffer? {
        guard gathered.readableBytes > 0 else { return nil }
        defer { gathered = ByteBuffer() }
        return gathered
    }

    private mutating func head(_ opcode: FrameHead.Opcode, _ count: Int) {
        gathered.writeInteger(0x80 | opcode.rawValue)
        switch count {
        case ..<126: gathered.writeInteger(UInt8(count))
        case ...Int(UInt16.max):
            gathered.writeInteger(UInt8(126))
            gathered.writeInteger(UInt16(count))
        default:
            gathered.writeInteger(UInt8(127))
            gathered.writeInteger(UInt64(count))
        }
    }
}
