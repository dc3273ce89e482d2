import JSON
import NIOCore

/// Messages out of the bytes of a client's WebSocket, one after the other (RFC 6455 section 5).
///
/// Strict: a frame that is not exactly as the specification has it ends the session. A message's length is checked
/// against its limit as soon as a frame's head tells it; no more is ever held than what has come of one message.
struct FrameReader {
    enum Part: Equatable {
        /// A whole message, checked to be UTF-8.
        case text(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// With the client's code, which is nil where it gives none.
        case close(UInt16?)
    }

    /// The frame that is being read.
    private struct Frame {
        let head: FrameHead
        /// So much of its payload is still to come.
        var left: Int
    }

    private let limit: Int
    private var arrived = ByteBuffer()
    private var frame: Frame?
    /// What has come of a message, unmasked.
    private var message = ByteBuffer()
    private var isInMessage = false
    /// The payload of the control frame that is being read.
    private var control = ByteBuffer()

    /// At most `limit` bytes in one message, in however many frames.
    init(limit: Int) { self.limit = limit }

    /// How many bytes of an unfinished message are held.
    var heldBytes: Int { message.readableBytes }

    /// Whether a frame or a message has begun and is not whole.
    var isUnfinished: Bool { isInMessage || frame != nil || arrived.readableBytes > 0 }

    mutating func append(_ bytes: ByteBuffer) {
        if arrived.readableBytes == 0 { arrived = bytes } else { arrived.writeImmutableBuffer(bytes) }
    }

    /// The next whole part; nil means that more has to come.
    ///
    /// After an error nothing more can be read.
    mutating func next() throws(FrameFault) -> Part? {
        while true {
            if frame == nil {
                guard let head = try FrameHead.read(from: &arrived) else { return nil }
                try begin(head)
            }
            guard let head = takePayload() else { return nil }
            frame = nil
            if let part = try end(head) { return part }
        }
    }

    /// Forgets everything.
    mutating func discard() {
        self = FrameReader(limit: limit)
    }

    private mutating func begin(_ head: FrameHead) throws(FrameFault) {
        switch head.opcode {
        case .binary: throw FrameFault(.unsupported, "only text messages are understood")
        case .text where isInMessage: throw FrameFault(.protocolError, "a message begins inside of another")
        case .continuation where !isInMessage: throw FrameFault(.protocolError, "nothing is there to be continued")
        case .text, .continuation:
            isInMessage = true
            guard head.length <= limit - message.readableBytes else {
                throw FrameFault(.tooBig, "a message is longer than \(limit) bytes")
            }
            message.reserveCapacity(minimumWritableBytes: min(head.length, Self.eagerCapacity))
        case .close, .ping, .pong: break
        }
        frame = Frame(head: head, left: head.length)
    }

    /// Takes what has arrived of the frame's payload; the frame's head once it is whole.
    private mutating func takePayload() -> FrameHead? {
        guard let frame else { return nil }
        let count = min(frame.left, arrived.readableBytes)
        if let masked = arrived.readSlice(length: count), count > 0 {
            let place = frame.head.length - frame.left
            if frame.head.opcode.isControl {
                frame.head.mask.unmask(masked, at: place, into: &control)
            } else {
                frame.head.mask.unmask(masked, at: place, into: &message)
            }
        }
        // A read buffer that was read to its end is let go.
        if arrived.readableBytes == 0 { arrived = ByteBuffer() }
        self.frame?.left -= count
        return frame.left == count ? frame.head : nil
    }

    private mutating func end(_ head: FrameHead) throws(FrameFault) -> Part? {
        switch head.opcode {
        case .text, .continuation, .binary: return head.isFinal ? try endMessage() : nil
        case .ping: return .ping(takeControl())
        case .pong:
            control = ByteBuffer()
            return .pong
        case .close: return .close(try Self.closeCode(takeControl()))
        }
    }

    private mutating func endMessage() throws(FrameFault) -> Part {
        let whole = message
        message = ByteBuffer()
        isInMessage = false
        guard Self.isUTF8(whole) else { throw FrameFault(.badText, "a message is not UTF-8") }
        return .text(whole)
    }

    private mutating func takeControl() -> ByteBuffer {
        defer { control = ByteBuffer() }
        return control
    }

    private static func closeCode(_ payload: ByteBuffer) throws(FrameFault) -> UInt16? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self), CloseCode.isAllowed(code) else {
            throw FrameFault(.protocolError, "a close frame has no code that may be sent")
        }
        guard isUTF8(payload) else { throw FrameFault(.badText, "a reason is not UTF-8") }
        return code
    }

    private static func isUTF8(_ bytes: ByteBuffer) -> Bool {
        bytes.withUnsafeReadableBytes { $0.bytes.isUTF8 }
    }

    /// A client that only claims a long message gets this much memory in advance.
    private static let eagerCapacity = 64 << 10
}
