/// The names that libraries give, made into names that Prometheus takes.
enum LibraryWords {
    /// A metric's name: without the suffix that its kind gets anyway, and with the unit it has.
    static func metric(_ label: String, _ kind: MetricName.Kind, unit: String? = nil) -> String {
        var name = words(label)
        if kind == .counter { name = without("_total", name) }
        if let unit { name = without("_\(unit)", name) + "_\(unit)" }
        return name
    }

    /// A label's name, none of those that Prometheus has a use for itself.
    static func label(_ name: String) -> String {
        var name = words(name)
        while name.hasPrefix("__") { name.removeFirst() }
        return name == "le" || name == "quantile" ? "\(name)_" : name
    }

    /// Letters, digits and underscores, with no digit at the front.
    private static func words(_ text: String) -> String {
        var words = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": words.unicodeScalars.append(scalar)
            case "0"..."9":
                if words.isEmpty { words += "_" }
                words.unicodeScalars.append(scalar)
            default: words += "_"
            }
        }
        return words.isEmpty ? "_" : words
    }

    private static func without(_ suffix: String, _ name: String) -> String {
        var name = name
        while name.hasSuffix(suffix) { name.removeLast(suffix.count) }
        return name.isEmpty ? "_" : name
    }
}
