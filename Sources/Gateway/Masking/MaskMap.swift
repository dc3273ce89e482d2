/// Which placeholder stands for what, within one request or one text; the same value has the same one everywhere in it.
///
/// It holds what was masked: it is kept for as long as an answer may name a placeholder, and never stored or logged.
struct MaskMap: Sendable {
    private var placeholders: [[UInt8]: [UInt8]] = [:]
    private var originals: [[UInt8]: [UInt8]] = [:]
    private var counts: [String: Int] = [:]
    /// Shared by all who hold this map, so that a copy is noticed.
    private var holder: Holder?
    /// How often all of it was copied because something new came while somebody else held it.
    private(set) var copies = 0

    private final class Holder: Sendable {}

    /// How many values have one.
    var count: Int { placeholders.count }
    var isEmpty: Bool { placeholders.isEmpty }

    /// The placeholder of a value; one that is new gets the next number of the label.
    mutating func placeholder(for value: [UInt8], _ label: String) -> [UInt8] {
        if let known = placeholders[value] { return known }
        noteCopy()
        let number = counts[label, default: 0] + 1
        counts[label] = number
        let text = Placeholder.text(label, number)
        placeholders[value] = text
        originals[text] = value
        return text
    }

    private mutating func noteCopy() {
        guard holder == nil || !isKnownUniquelyReferenced(&holder) else { return }
        if holder != nil { copies += 1 }
        holder = Holder()
    }

    /// What a placeholder stands for; nil for a text that is none of this map.
    func original(of placeholder: [UInt8]) -> [UInt8]? { originals[placeholder] }
}
