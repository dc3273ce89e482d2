/// An amount of USD, exact to a billionth of a dollar; sums stay at the largest amount there is rather than overflow.
package struct Money: Sendable, Hashable, Comparable {
    /// Billionths of a dollar.
    package var nanos: Int

    package static let zero = Money(nanos: 0)

    package init(nanos: Int) { self.nanos = nanos }

    /// The nearest amount; nil for what is no number, is below zero, or is above nine billion dollars.
    package init?(usd: Double) {
        guard usd >= 0, usd <= 9e9 else { return nil }
        nanos = Int((usd * 1e9).rounded())
    }

    package var usd: Double { Double(nanos) / 1e9 }

    package static func < (one: Money, other: Money) -> Bool { one.nanos < other.nanos }

    package static func + (one: Money, other: Money) -> Money {
        let (sum, isTooLarge) = one.nanos.addingReportingOverflow(other.nanos)
        return Money(nanos: isTooLarge ? (other.nanos > 0 ? .max : .min) : sum)
    }

    package static func - (one: Money, other: Money) -> Money {
        let (rest, isTooLarge) = one.nanos.subtractingReportingOverflow(other.nanos)
        return Money(nanos: isTooLarge ? (other.nanos > 0 ? .min : .max) : rest)
    }

    package static func += (one: inout Money, other: Money) { one = one + other }
}
