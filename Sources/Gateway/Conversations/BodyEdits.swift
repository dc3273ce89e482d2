import JSON
import NIOCore

/// One replacement in a body by bytes that are not copied.
struct BodyEdit: Sendable {
    /// Where, counted from the body's first byte; empty for an insertion.
    var range: Range<Int>
    var replacement: [ByteBuffer]

    init(range: Range<Int>, replacement: [ByteBuffer]) {
        self.range = range
        self.replacement = replacement
    }

    init(_ edit: JSONEdit) {
        self.init(range: edit.range, replacement: edit.replacement.isEmpty ? [] : [ByteBuffer(bytes: edit.replacement)])
    }
}

extension [BodyEdit] {
    /// The body as slices around the edits, which do not overlap; nothing long is copied.
    func applied(to body: ByteBuffer) -> [ByteBuffer] {
        var body = body
        var parts: [ByteBuffer] = []
        let start = body.readerIndex
        // An insertion stands before a replacement at the same place.
        for edit in sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            let count = start + edit.range.lowerBound - body.readerIndex
            if count > 0, let slice = body.readSlice(length: count) { parts.append(slice) }
            parts += edit.replacement
            body.moveReaderIndex(to: start + edit.range.upperBound)
        }
        if body.readableBytes > 0 { parts.append(body) }
        return parts
    }
}

extension [ByteBuffer] {
    /// All of them in one piece of memory.
    var contiguous: ByteBuffer {
        var whole = ByteBuffer()
        whole.reserveCapacity(reduce(0) { $0 + $1.readableBytes })
        for part in self { whole.writeImmutableBuffer(part) }
        return whole
    }
}
