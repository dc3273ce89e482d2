extension Bytes {
    /// The integer that a number is, if it is written as one and fits; `1.0` and `1e2` are nil.
    func integer(_ range: Range<Int>) -> Int? {
        let isNegative = self[range.lowerBound] == UInt8(ascii: "-")
        var value = 0
        for place in range.dropFirst(isNegative ? 1 : 0) {
            let digit = self[place] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (ten, overflows) = value.multipliedReportingOverflow(by: 10)
            // Down from zero for both signs: there is one more number below it than above.
            let (next, carries) = ten.subtractingReportingOverflow(Int(digit))
            guard !overflows, !carries else { return nil }
            value = next
        }
        return isNegative ? value : value == .min ? nil : -value
    }
}
