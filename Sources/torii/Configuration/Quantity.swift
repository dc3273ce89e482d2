/// Durations and sizes as people write them in a configuration.
enum Quantity {
    /// Reads `250ms`, `10s`, `5m`, `1h` or a bare number of seconds; nil for anything else and for what is not above zero.
    static func duration(_ text: String) -> Duration? {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
        guard let seconds = number(text, units: units), seconds > 0, seconds <= 30 * 86_400 else { return nil }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }

    /// Reads `32MiB`, `64KiB`, `1GiB`, `10MB` or a bare number of bytes; nil for anything else and for what is not above zero.
    static func size(_ text: String) -> Int? {
        let units: [(String, Double)] = [
            ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824),
            ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
        ]
        guard let bytes = number(text, units: units), bytes >= 1, bytes <= 1e13 else { return nil }
        return Int(bytes)
    }

    /// Reads a share such as `80%` or `12.5%`, 1 for all of it; nil for anything else and for what is above 1,000 %.
    static func share(_ text: String) -> Double? {
        guard text.last == "%", let percent = number(String(text.dropLast()), units: [("", 1)]), percent <= 1_000 else {
            return nil
        }
        return percent / 100
    }

    /// The text that `share` reads back as the same.
    static func text(share: Double) -> String { Figures.amount((share * 1e8).rounded() / 1e6) + "%" }

    /// The shortest of the forms that `duration` reads back as the same.
    static func text(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        if milliseconds % 1000 != 0 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    /// The shortest of the forms that `size` reads back as the same.
    static func text(bytes: Int) -> String {
        for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return String(bytes)
    }

    private static func number(_ text: String, units: [(String, Double)]) -> Double? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let factor = units.first(where: { $0.0 == unit })?.1, let value = Double(digits) else { return nil }
        return value * factor
    }
}
