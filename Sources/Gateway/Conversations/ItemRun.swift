import JSON
import NIOCore

/// Cuts the items out of a request or a response, as a run that can stand beside others in an array.
///
/// Runs are slices of the bytes that they are cut out of, and keep those alive; `compact` gives one with memory of its own.
enum ItemRun {
    /// The items of a request's `input`, a text as the message that it stands for; empty where there are none.
    static func input(of turn: TurnMembers, in body: ByteBuffer) -> ByteBuffer {
        guard let input = turn.input, let value = body.getSlice(at: body.readerIndex, input.value) else {
            return ByteBuffer()
        }
        switch input.kind {
        case .string: return message(value)
        case .array: return inside(value)
        default: return ByteBuffer()
        }
    }

    /// The items of a response's `output`; nil for bytes that are no response.
    ///
    /// They go back as they came, with their ids and statuses.
    static func output(of response: ByteBuffer) -> ByteBuffer? {
        response.withUnsafeReadableBytes { outputRange($0) }
            .flatMap { response.getSlice(at: response.readerIndex, $0) }
            .map(inside)
    }

    /// The same of bytes that are only lent, in memory of its own.
    static func output(of response: UnsafeRawBufferPointer) -> ByteBuffer? {
        outputRange(response).map { inside(ByteBuffer(bytes: response[$0])) }
    }

    private static func outputRange(_ response: UnsafeRawBufferPointer) -> Range<Int>? {
        // What is no JSON is no response either.
        guard let index = try? JSONIndex(scanning: response.bytes),
            let output = index.member("output", in: response.bytes), output.kind == .array
        else { return nil }
        return output.value
    }

    /// The same run in memory of its own, so that it keeps nothing else alive.
    static func compact(_ run: ByteBuffer) -> ByteBuffer {
        run.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: run.readableBytesView)
    }

    /// The user's message that a text stands for; `text` is a JSON string with its quotes.
    private static func message(_ text: ByteBuffer) -> ByteBuffer {
        let head: StaticString = #"{"type":"message","role":"user","content":[{"type":"input_text","text":"#
        var message = ByteBuffer()
        message.reserveCapacity(head.utf8CodeUnitCount + text.readableBytes + 3)
        message.writeStaticString(head)
        message.writeImmutableBuffer(text)
        message.writeStaticString("}]}")
        return message
    }

    /// An array without its brackets and the white space at both ends.
    private static func inside(_ array: ByteBuffer) -> ByteBuffer {
        let view = array.readableBytesView.dropFirst().dropLast()
        guard let first = view.firstIndex(where: { !isSpace($0) }), let last = view.lastIndex(where: { !isSpace($0) })
        else { return ByteBuffer() }
        return array.getSlice(at: first, length: last - first + 1) ?? ByteBuffer()
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}

extension ByteBuffer {
    /// The bytes of a range that counts from `start`.
    fileprivate func getSlice(at start: Int, _ range: Range<Int>) -> ByteBuffer? {
        getSlice(at: start + range.lowerBound, length: range.count)
    }
}
