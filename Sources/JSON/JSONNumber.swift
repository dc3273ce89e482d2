/// A number that keeps the text it was written with, so that no digit is lost on the way.
package struct JSONNumber: Sendable, Hashable {
    /// As RFC 8259 writes it; two numbers are equal if their texts are.
    package let text: String

    /// A text that the strict scan has taken for a number.
    init(valid text: String) {
        self.text = text
    }

    /// The integer in decimal digits.
    package init(_ value: Int) {
        text = String(value)
    }

    /// The shortest text that reads back as the same double; nil for infinities and NaN.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// Whether it is written without a fraction and an exponent.
    package var isInteger: Bool {
        text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) }
    }

    /// The integer, if it is written as one and fits: neither `1.0` nor `1e2` is.
    package var int: Int? { isInteger ? Int(text) : nil }

    /// The nearest double; nil beyond its range, such as 1e400.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
