/// Numbers that are kept as whole ones of a small unit.
package enum Decimals {
    /// A number of units of which 10 to the `places` are one, without zeros at its end: 1500 at 3 places is `1.5`.
    package static func text(_ units: Int, places: Int) -> String {
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        let whole = (units < 0 ? "-" : "") + padded.dropLast(places)
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}
