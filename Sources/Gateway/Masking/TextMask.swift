import JSON

/// Masks texts that belong together, so that a value has one placeholder in all of them.
struct TextMask: Sendable {
    private let rules: MaskRules
    private(set) var map = MaskMap()

    init(_ rules: MaskRules) { self.rules = rules }

    /// A text with placeholders in it; nil where nothing had to be masked.
    ///
    /// `isWhole` is false for the beginning of a text that was cut off: what could have gone on to be something that has to
    /// be masked is left out then.
    mutating func masked(_ text: [UInt8], isWhole: Bool = true) -> [UInt8]? {
        guard !rules.isEmpty else { return isWhole ? nil : text }
        var masker = Masker(rules, map)
        // One holder alone: a second one would have the whole map copied with the next find.
        map = MaskMap()
        defer { map = masker.map }
        let beginning = masker.take(text)
        let bytes = isWhole ? beginning + masker.finish() : beginning
        guard masker.finds > 0 || bytes.count < text.count else { return nil }
        return bytes
    }

    /// The same for a text that may be JSON itself, as what a tool says often is: only its strings and numbers are masked
    /// then.
    mutating func maskedText(_ text: [UInt8], isWhole: Bool = true) -> [UInt8]? {
        guard let first = text.first(where: { !Self.space.contains($0) }), Self.opening.contains(first),
            !isWhole || (try? JSONDocument(text)) != nil  // No JSON is no failure here.
        else { return masked(text, isWhole: isWhole) }
        let masked = maskedJSON(text, isWhole: isWhole)
        return masked == text ? nil : masked
    }

    private static let space = ByteSet(" \t\r\n")
    private static let opening = ByteSet("{[")

    /// The same for a text in memory.
    mutating func mask(_ text: inout String) {
        if let bytes = maskedText(Array(text.utf8)) { text = String(decoding: bytes, as: UTF8.self) }
    }

    /// The same for the arguments of a call, which are JSON of any kind unless the model wrote something else.
    mutating func maskJSON(_ text: inout String) {
        let bytes = Array(text.utf8)
        guard (try? JSONDocument(bytes)) != nil else { return mask(&text) }
        text = String(decoding: maskedJSON(bytes), as: UTF8.self)
    }

    /// A JSON text with what its strings say masked: it stays JSON.
    ///
    /// A number that is long enough becomes a string if it has to be masked, unless `keepsNumbers` says otherwise. With
    /// `isWhole` false it is the beginning of such a text, and ends where it was cut. What is no JSON at all is masked as any
    /// other text.
    mutating func maskedJSON(_ text: [UInt8], isWhole: Bool = true, keepsNumbers: Bool = false) -> [UInt8] {
        guard !JSONMaskWalk.isForeign(text) else { return masked(text, isWhole: isWhole) ?? text }
        var walk = JSONMaskWalk(text, isWhole: isWhole, keepsNumbers: keepsNumbers)
        return walk.run(&self)
    }

    /// The same for a value in memory; with `onlyTexts` names of members and numbers stay what they are.
    mutating func mask(_ value: inout JSONValue, onlyTexts: Bool = false) {
        switch value {
        case .string(var text):
            mask(&text)
            value = .string(text)
        case .array(var elements):
            for index in elements.indices { mask(&elements[index], onlyTexts: onlyTexts) }
            value = .array(elements)
        case .object(let object):
            value = .object(masked(object, withNames: !onlyTexts, onlyTexts: onlyTexts))
        case .number(let number):
            let digits = Array(number.text.utf8)
            guard !onlyTexts, digits.count >= JSONMaskWalk.shortest, let masked = masked(digits) else { break }
            value = .string(String(decoding: masked, as: UTF8.self))
        case .bool, .null: break
        }
    }

    /// The same for all members of an object, whose own names stay.
    mutating func mask(_ object: inout JSONObject) {
        object = masked(object, withNames: false, onlyTexts: false)
    }

    private mutating func masked(_ object: JSONObject, withNames: Bool, onlyTexts: Bool) -> JSONObject {
        var members = object.members
        for index in members.indices {
            if withNames { mask(&members[index].key) }
            mask(&members[index].value, onlyTexts: onlyTexts)
        }
        return JSONObject(members)
    }
}
