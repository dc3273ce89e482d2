extension OutputSpan where Element == UInt8 {
    /// Adds a literal, for which there has to be room.
    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        append(copying: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Adds some bytes, for which there has to be room.
    @inlinable @inline(__always)
    package mutating func append(copying bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= freeCapacity, "no room for these bytes")
        withUnsafeMutableBufferPointer { buffer, count in
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...]).copyMemory(
                from: bytes
            )
            count += bytes.count
        }
    }

    /// Adds a number in decimal digits, which take at most 20 bytes.
    package mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        // From the last digit to the first: one division each.
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var place = digits.count
        repeat {
            place -= 1
            digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for place in place..<digits.count { append(digits[place]) }
    }
}
