import NIOCore

/// What a frame says before its payload (RFC 6455 section 5.2).
struct FrameHead: Equatable {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        var isControl: Bool { rawValue >= 0x8 }
    }

    let opcode: Opcode
    /// Whether the message ends with this frame.
    let isFinal: Bool
    /// Of the payload.
    let length: Int
    let mask: FrameMask

    /// Reads a client's frame head; nil, with nothing read, where it has not wholly come.
    ///
    /// - Throws: `protocolError` for what the specification forbids: an extension's bits, unknown opcodes, a frame that
    ///   is not masked, control frames that are long or in parts, and lengths that are longer written than need be.
    static func read(from bytes: inout ByteBuffer) throws(FrameFault) -> FrameHead? {
        var rest = bytes
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        guard first & 0x70 == 0 else { throw FrameFault(.protocolError, "no extension was agreed on") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else {
            throw FrameFault(.protocolError, "the opcode \(first & 0x0F) means nothing")
        }
        guard second & 0x80 != 0 else { throw FrameFault(.protocolError, "a frame is not masked") }
        let isFinal = first & 0x80 != 0
        guard !opcode.isControl || (isFinal && second & 0x7F < 126) else {
            throw FrameFault(.protocolError, "a control frame is too long or in parts")
        }
        guard let length = try length(second & 0x7F, &rest), let key = rest.readInteger(as: UInt32.self) else {
            return nil
        }
        bytes = rest
        return FrameHead(opcode: opcode, isFinal: isFinal, length: length, mask: FrameMask(key))
    }

    private static func length(_ short: UInt8, _ rest: inout ByteBuffer) throws(FrameFault) -> Int? {
        let wide = FrameFault(.protocolError, "a length is not written as short as it may be")
        switch short {
        case 126:
            guard let length = rest.readInteger(as: UInt16.self) else { return nil }
            guard length > 125 else { throw wide }
            return Int(length)
        case 127:
            guard let length = rest.readInteger(as: UInt64.self) else { return nil }
            guard length > UInt16.max, length >> 63 == 0 else { throw wide }
            return Int(length)
        default: return Int(short)
        }
    }
}

/// The key by which a client changes the bytes of a frame (RFC 6455 section 5.3).
struct FrameMask: Equatable {
    /// In the order of the wire, the first byte highest.
    private let key: UInt32

    init(_ key: UInt32) { self.key = key }

    /// Appends a part of a payload to `target`, unmasked; `place` is where in the payload the part begins.
    func unmask(_ part: ByteBuffer, at place: Int, into target: inout ByteBuffer) {
        let count = part.readableBytes
        target.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            part.withUnsafeReadableBytes { input in apply(input, place, to: output) }
            return count
        }
    }

    private func apply(_ input: UnsafeRawBufferPointer, _ place: Int, to output: UnsafeMutableRawBufferPointer) {
        let turned = key &<< UInt32(place % 4 * 8) | (place % 4 == 0 ? 0 : key &>> UInt32(32 - place % 4 * 8))
        let word = (UInt64(turned) &<< 32 | UInt64(turned)).bigEndian
        var at = 0
        while at &+ 8 <= input.count {
            let value = input.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ word
            output.storeBytes(of: value, toByteOffset: at, as: UInt64.self)
            at &+= 8
        }
        while at < input.count {
            output[at] = input[at] ^ UInt8(truncatingIfNeeded: turned &>> UInt32(24 - at % 4 * 8))
            at &+= 1
        }
    }
}
