/// A duration as the field `x-torii-timeout` holds it: `500ms`, `30s`, `5m`, or a number of seconds.
enum TimeoutField {
    /// Nil for everything else, and for what is not above zero or is longer than a day.
    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(digits) else { return nil }
        let factor: Double
        switch text.dropFirst(digits.count) {
        case "ms": factor = 0.001
        case "s", "": factor = 1
        case "m": factor = 60
        default: return nil
        }
        let seconds = value * factor
        guard seconds > 0, seconds <= 86_400 else { return nil }
        return .milliseconds(Int64(max(1, (seconds * 1000).rounded())))
    }
}
