import CZlib

/// zlib's decoder, for gzip (RFC 1952), several members of it included, and for its own format (RFC 1950).
final class ZlibStream: CodedStream {
    /// What zlib is told of the format, the largest window included.
    enum Format: Int32 {
        case zlib = 15
        case gzip = 31
    }

    private let format: Format
    /// In memory that does not move, because zlib's own state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false

    init(format: Format) {
        self.format = format
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = inflateInit2_(stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib has no memory, or is another version than it was built for")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The window, and zlib's tables.
    var memory: Int { 48 << 10 }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> CodedStep {
        if isAtEnd {
            guard !input.isEmpty else { return CodedStep() }
            guard format == .gzip else { return CodedStep(isDamaged: true) }
            inflateReset(stream)
            isAtEnd = false
        }
        // zlib does not write to its input, though its declaration does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(clamping: input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let offered = (input: stream.pointee.avail_in, output: stream.pointee.avail_out)
        let result = inflate(stream, Z_NO_FLUSH)
        isAtEnd = result == Z_STREAM_END
        return CodedStep(
            read: Int(offered.input - stream.pointee.avail_in),
            written: Int(offered.output - stream.pointee.avail_out),
            isDamaged: ![Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(result)
        )
    }
}
