import CZstd

/// libzstd's decoder, for one frame or several (RFC 8878).
final class ZstdStream: CodedStream {
    /// 8 MiB, the most that HTTP's `zstd` may ask a decoder to keep (RFC 9659).
    private static let windowLog: Int32 = 23

    private let stream: OpaquePointer
    private(set) var isAtEnd = false

    init() {
        guard let stream = ZSTD_createDStream() else { preconditionFailure("libzstd has no memory") }
        self.stream = stream
        let result = ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLog)
        precondition(ZSTD_isError(result) == 0, "libzstd does not know its own parameter")
    }

    deinit { ZSTD_freeDStream(stream) }

    var memory: Int { ZSTD_sizeof_DStream(stream) }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> CodedStep {
        if isAtEnd, input.isEmpty { return CodedStep() }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(stream, &target, &source)
        guard ZSTD_isError(result) == 0 else { return CodedStep(isDamaged: true) }
        // Nothing is due and all is written: a frame has ended, and another one may begin.
        if source.pos > 0 || target.pos > 0 { isAtEnd = result == 0 }
        return CodedStep(read: source.pos, written: target.pos)
    }
}
