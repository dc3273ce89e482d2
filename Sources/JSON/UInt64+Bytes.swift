/// Eight bytes that are looked at together, in either order.
extension UInt64 {
    /// Not 0 where one of the eight bytes is below `limit`, which is at most 0x80; which one it is is not told.
    @inlinable @inline(__always)
    package func bytes(below limit: UInt8) -> UInt64 {
        (self &- UInt64(limit) &* 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080
    }

    /// Not 0 where one of the eight bytes is `byte`; which one it is is not told.
    @inlinable @inline(__always)
    package func bytes(equalTo byte: UInt8) -> UInt64 {
        (self ^ UInt64(byte) &* 0x0101_0101_0101_0101).bytes(below: 1)
    }
}
