/// Makes request ids that are unique for all practical purposes, without a system call each.
///
/// Confined to its event loop.
struct RequestIDs {
    private var state: UInt64
    private let prefix: UInt64

    /// - Parameter generator: the source of the start value and of the prefix.
    init(using generator: inout some RandomNumberGenerator) {
        state = generator.next()
        prefix = generator.next()
    }

    /// The next id: `req_` and 24 hexadecimal digits.
    mutating func next() -> String {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let high = prefix
        return String(unsafeUninitializedCapacity: 28) { buffer in
            for (index, byte) in "req_".utf8.enumerated() { buffer[index] = byte }
            for index in 0..<24 {
                let nibble =
                    UInt8(
                        truncatingIfNeeded: index < 8 ? high >> (4 * UInt64(index)) : mixed >> (4 * UInt64(index - 8))
                    ) & 15
                buffer[4 + index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
            }
            return 28
        }
    }
}
