import JSON

extension JSONView {
    /// A whole number as JSON Schema understands it: one with a fraction of zero, such as `5.0`, is one as well; nil for
    /// other kinds, and beyond what a double holds exactly.
    var wholeNumber: Int? {
        if let number = int { return number }
        guard let number = double, number.rounded() == number, abs(number) <= 0x1p53 else { return nil }
        return Int(number)
    }
}
