/// Two secret words that make it impossible to choose names whose fingerprints collide.
struct Seed {
    private let first: UInt64
    private let second: UInt64

    static let ofThisProcess = Seed()

    private init() {
        var source = SystemRandomNumberGenerator()
        first = source.next()
        second = source.next()
    }

    /// A number that is the same for the same bytes.
    @inline(__always)
    func fingerprint(of range: Range<Int>, in text: Bytes) -> UInt64 {
        guard range.count <= 16, range.lowerBound + 16 <= text.count else {
            return longFingerprint(of: range, in: text)
        }
        let bits = UInt64(truncatingIfNeeded: range.count &* 8)
        let low = text.word(at: range.lowerBound) & ~(~0 << bits)
        let high = text.word(at: range.lowerBound + 8) & ~(~0 << (bits < 64 ? 0 : bits &- 64))
        return fold(low ^ first, high ^ second ^ bits)
    }

    @inline(never)
    private func longFingerprint(of range: Range<Int>, in text: Bytes) -> UInt64 {
        var result: UInt64 = 0
        var at = range.lowerBound
        repeat {
            var words: (UInt64, UInt64) = (0, 0)
            for index in 0..<min(16, range.upperBound - at) {
                let byte = UInt64(text[at + index]) << UInt64(index % 8 * 8)
                if index < 8 { words.0 |= byte } else { words.1 |= byte }
            }
            at += 16
            let bits = at < range.upperBound ? 0 : UInt64(range.count) * 8
            result = fold(words.0 ^ first ^ result, words.1 ^ second ^ bits)
        } while at < range.upperBound
        return result
    }

    @inline(__always)
    private func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
