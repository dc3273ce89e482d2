/// A text's bytes without bounds checks in release builds.
///
/// Only this file, `Output.swift` and `Stack.swift` touch unsafe memory: the scan reads every byte of every request,
/// sixteen at a time, for which spans have no checked form. Debug builds, and so the tests and the fuzzer, check each
/// access. A value never outlives the closure that it was made for.
struct Bytes {
    private let base: UnsafeRawPointer?
    let count: Int

    init(_ buffer: UnsafeRawBufferPointer) {
        base = buffer.baseAddress
        count = buffer.count
    }

    @inline(__always)
    subscript(_ offset: Int) -> UInt8 {
        assert(offset >= 0 && offset < count, "read outside of the text")
        return base.unsafelyUnwrapped.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The eight bytes at `offset`, the first one lowest.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset + 8 <= count, "read outside of the text")
        return UInt64(littleEndian: base.unsafelyUnwrapped.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The sixteen bytes at `offset`, to be compared.
    @inline(__always)
    func lanes(at offset: Int) -> Lanes { Lanes(sixteen(at: offset)) }

    /// The sixteen bytes at `offset`, to be copied.
    @inline(__always)
    func sixteen(at offset: Int) -> SIMD2<UInt64> {
        assert(offset >= 0 && offset + 16 <= count, "read outside of the text")
        return base.unsafelyUnwrapped.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
    }

    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside of the text")
        return UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count)
    }
}

extension [UInt8] {
    /// Lends the bytes for unchecked reading.
    @inline(__always)
    func withBytes<Result, Failure: Error>(_ body: (Bytes) throws(Failure) -> Result) throws(Failure) -> Result {
        try self.span.bytes.withBytes(body)
    }
}

extension RawSpan {
    /// Lends the bytes for unchecked reading.
    @inline(__always)
    func withBytes<Result, Failure: Error>(_ body: (Bytes) throws(Failure) -> Result) throws(Failure) -> Result {
        try withUnsafeBytes { (buffer) throws(Failure) in try body(Bytes(buffer)) }
    }
}
