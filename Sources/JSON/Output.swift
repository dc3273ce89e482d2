/// Memory that is being filled, with room for everything that its user writes.
///
/// One of the few places with unsafe pointers; debug builds check each write. It never outlives the closure that lends
/// the memory.
struct Output {
    private let base: UnsafeMutableRawPointer?
    private let capacity: Int
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        base = UnsafeMutableRawPointer(buffer.baseAddress)
        capacity = buffer.count
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        assert(count < capacity, "write outside of the memory")
        base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Copies sixteen bytes at once, of which only the first `length` count.
    @inline(__always)
    mutating func append(_ length: Int, of sixteen: SIMD2<UInt64>) {
        assert(count + 16 <= capacity && length <= 16, "write outside of the memory")
        base.unsafelyUnwrapped.storeBytes(of: sixteen, toByteOffset: count, as: SIMD2<UInt64>.self)
        count &+= length
    }
}
