/// A text's bytes without bounds checks in release builds.
///
/// This is the only file of the target that touches unsafe pointers. The scan reads every byte of every request;
/// checked subscripts cost it a third of its speed. Debug builds, and so the tests and the fuzzer, check each access.
/// A value never outlives the closure that it was made for.
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
