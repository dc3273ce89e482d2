import CZlib
import CZstd

@testable import Gateway

/// Puts bodies into the codings that the gateway undoes.
enum Coder {
    static func encode(_ bytes: [UInt8], as coding: BodyCoding) -> [UInt8] {
        switch coding {
        case .gzip: deflated(bytes, windowBits: 31)
        case .deflate: deflated(bytes, windowBits: 15)
        case .zstd: zstd(bytes)
        }
    }

    /// zlib's formats, told apart by the bits of the window.
    static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else {
            return []
        }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                _ = deflate(&stream, Z_FINISH)
            }
        }
        return Array(output[..<Int(stream.total_out)])
    }

    /// One frame; `windowLog` is what a decoder has to keep, and without `tellsSize` the frame does not say how long it is.
    static func zstd(_ bytes: [UInt8], windowLog: Int32? = nil, tellsSize: Bool = true) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { return [] }
        defer { ZSTD_freeCCtx(context) }
        if let windowLog { ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, tellsSize ? 1 : 0)
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress2(context, &output, output.count, bytes, bytes.count)
        return ZSTD_isError(count) == 0 ? Array(output[..<count]) : []
    }
}
