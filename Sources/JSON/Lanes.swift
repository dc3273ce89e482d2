#if arch(x86_64)
// The compiler's own intrinsics, not a dependency. Swift's `SIMD16` has no way to turn a comparison into a bit mask,
// and its comparisons compile to loops; without pmovmskb the scan takes four times as long. SSE2 is in every x86-64.
import _Builtin_intrinsics.intel.sse2

/// Sixteen bytes of text, compared at once.
typealias Lanes = VectorLanes

/// Sixteen bytes in a vector register.
struct VectorLanes {
    private let value: __m128i

    @inline(__always)
    init(_ value: SIMD2<UInt64>) {
        self.value = unsafeBitCast(value, to: __m128i.self)
    }

    @inline(__always)
    private init(lanes: __m128i) {
        value = lanes
    }

    /// 0xFF where the byte is `byte`, 0 elsewhere.
    @inline(__always)
    func equal(_ byte: UInt8) -> Self {
        Self(lanes: _mm_cmpeq_epi8(value, _mm_set1_epi8(CChar(bitPattern: byte))))
    }

    /// 0xFF where the byte is at most `byte`, 0 elsewhere.
    @inline(__always)
    func atMost(_ byte: UInt8) -> Self {
        Self(lanes: _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(CChar(bitPattern: byte))), value))
    }

    /// 0xFF where the byte continues a UTF-8 sequence (0x80…0xBF), 0 elsewhere.
    @inline(__always)
    var continuation: Self {
        Self(lanes: _mm_cmpgt_epi8(_mm_set1_epi8(CChar(bitPattern: 0xC0)), value))
    }

    /// By how much each byte exceeds `byte`, 0 where it does not.
    @inline(__always)
    func excess(over byte: UInt8) -> Self {
        Self(lanes: _mm_subs_epu8(value, _mm_set1_epi8(CChar(bitPattern: byte))))
    }

    /// The smaller byte of each pair.
    @inline(__always)
    func minimum(_ other: Self) -> Self {
        Self(lanes: _mm_min_epu8(value, other.value))
    }

    @inline(__always)
    static func | (left: Self, right: Self) -> Self { Self(lanes: _mm_or_si128(left.value, right.value)) }

    @inline(__always)
    static func & (left: Self, right: Self) -> Self { Self(lanes: _mm_and_si128(left.value, right.value)) }

    @inline(__always)
    static func ^ (left: Self, right: Self) -> Self { Self(lanes: _mm_xor_si128(left.value, right.value)) }

    /// The bytes with only these bits left.
    @inline(__always)
    func masked(_ bits: UInt8) -> Self { self & Self(lanes: _mm_set1_epi8(CChar(bitPattern: bits))) }

    /// The top bit of each byte, the first byte's lowest.
    @inline(__always)
    var topBits: UInt64 { UInt64(UInt32(bitPattern: _mm_movemask_epi8(value))) }
}
#else
/// Sixteen bytes of text, compared at once.
typealias Lanes = WordLanes
#endif

/// Sixteen bytes in two words: for processors without an implementation of their own.
struct WordLanes {
    private let words: SIMD2<UInt64>

    @inline(__always)
    init(_ value: SIMD2<UInt64>) {
        words = value
    }

    /// 0xFF where the byte is `byte`, 0 elsewhere.
    @inline(__always)
    func equal(_ byte: UInt8) -> Self {
        let difference = words ^ Self.all(byte)
        return Self.spread(~(((difference & Self.all(0x7F)) &+ Self.all(0x7F)) | difference))
    }

    /// 0xFF where the byte is at most `byte`, 0 elsewhere.
    @inline(__always)
    func atMost(_ byte: UInt8) -> Self { excess(over: byte).equal(0) }

    /// 0xFF where the byte continues a UTF-8 sequence (0x80…0xBF), 0 elsewhere.
    @inline(__always)
    var continuation: Self { Self.spread(words & ~(words &<< 1)) }

    /// By how much each byte exceeds `byte`, 0 where it does not.
    @inline(__always)
    func excess(over byte: UInt8) -> Self { excess(over: Self(Self.all(byte))) }

    /// The smaller byte of each pair.
    @inline(__always)
    func minimum(_ other: Self) -> Self { Self(words &- excess(over: other).words) }

    @inline(__always)
    static func | (left: Self, right: Self) -> Self { Self(left.words | right.words) }

    @inline(__always)
    static func & (left: Self, right: Self) -> Self { Self(left.words & right.words) }

    @inline(__always)
    static func ^ (left: Self, right: Self) -> Self { Self(left.words ^ right.words) }

    /// The bytes with only these bits left.
    @inline(__always)
    func masked(_ bits: UInt8) -> Self { Self(words & Self.all(bits)) }

    /// The top bit of each byte, the first byte's lowest.
    @inline(__always)
    var topBits: UInt64 { Self.gather(words[0]) | Self.gather(words[1]) &<< 8 }

    /// A subtraction byte by byte, with each byte that would borrow set to 0.
    @inline(__always)
    private func excess(over other: Self) -> Self {
        let (left, right, top) = (words, other.words, Self.all(0x80))
        let difference = ((left | top) &- (right & ~top)) ^ ((left ^ ~right) & top)
        let borrow = (~left & right) | (~(left ^ right) & difference)
        return Self(difference & ~Self.spread(borrow).words)
    }

    @inline(__always)
    private static func all(_ byte: UInt8) -> SIMD2<UInt64> {
        SIMD2(repeating: UInt64(byte) &* 0x0101_0101_0101_0101)
    }

    /// 0xFF in each byte whose top bit is set.
    @inline(__always)
    private static func spread(_ flags: SIMD2<UInt64>) -> Self {
        let ones = (flags &>> 7) & all(0x01)
        return Self((ones &<< 8) &- ones)
    }

    /// The multiplication moves the top bit of byte n to bit 56 + n.
    @inline(__always)
    private static func gather(_ word: UInt64) -> UInt64 {
        ((word & 0x8080_8080_8080_8080) &* 0x0002_0408_1020_4081) &>> 56
    }
}
