/// Typed reading of an object's members. A member that is absent or null is nil; one of another kind throws an error
/// that names it by its path.
extension JSONView {
    /// The member, unless it is absent or null; `wrongType` if this is not an object.
    package func field(_ key: String) throws(JSONError) -> JSONView? {
        guard kind == .object else { throw mismatch("an object") }
        guard let value = self[key], !value.isNull else { return nil }
        return value
    }

    /// A string.
    package func text(_ key: String) throws(JSONError) -> String? {
        guard let value = try field(key) else { return nil }
        return try value.readText()
    }

    /// An integer; see `readInteger(in:)`.
    package func integer(_ key: String, in bounds: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int? {
        guard let value = try field(key) else { return nil }
        return try value.readInteger(in: bounds)
    }

    /// A number; see `readNumber(in:)`.
    package func number(_ key: String, in bounds: ClosedRange<Double> = Self.finite) throws(JSONError) -> Double? {
        guard let value = try field(key) else { return nil }
        return try value.readNumber(in: bounds)
    }

    /// A boolean.
    package func flag(_ key: String) throws(JSONError) -> Bool? {
        guard let value = try field(key) else { return nil }
        return try value.readFlag()
    }

    /// An object.
    package func object(_ key: String) throws(JSONError) -> JSONView? {
        guard let value = try field(key) else { return nil }
        guard value.kind == .object else { throw value.mismatch("an object") }
        return value
    }

    /// An array.
    package func array(_ key: String) throws(JSONError) -> JSONView? {
        guard let value = try field(key) else { return nil }
        guard value.kind == .array else { throw value.mismatch("an array") }
        return value
    }

    /// The member's value, which has to be there and not null: `try view.required("model", view.text)`.
    package func required<Value>(
        _ key: String,
        _ read: (String) throws(JSONError) -> Value?
    ) throws(JSONError) -> Value {
        guard let value = try read(key) else { throw missing(key) }
        return value
    }

    /// The error for a value of another kind than `wanted`, such as "a string".
    package func mismatch(_ wanted: String) -> JSONError {
        let field = path
        let what = kind == .number ? "the number \(shown)" : kind.noun
        return JSONError(.wrongType, at: offset, "\(field) must be \(wanted), not \(what)", field: field)
    }

    /// The error for a member that has to be there.
    package func missing(_ key: String) -> JSONError {
        let field = range == text.root ? key : "\(path).\(key)"
        return JSONError(.missingMember, at: offset, "\(field) is missing", field: field)
    }
}

/// Typed reading of a value itself; one of another kind throws an error that names it by its path.
extension JSONView {
    /// Every number that a double can hold.
    package static var finite: ClosedRange<Double> { -.greatestFiniteMagnitude ... .greatestFiniteMagnitude }

    /// A string.
    package func readText() throws(JSONError) -> String {
        guard let text = string else { throw mismatch("a string") }
        return text
    }

    /// An integer written as one: `1.5` and `"5"` are `wrongType`, a value outside of `bounds` is `outOfRange`.
    package func readInteger(in bounds: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int {
        guard let number else { throw mismatch("an integer") }
        guard number.isInteger || number.double == nil else { throw mismatch("an integer") }
        guard let integer = number.int, bounds.contains(integer) else {
            throw outside(bounds.lowerBound, bounds.upperBound)
        }
        return integer
    }

    /// A number of any form; one outside of `bounds` or of a double's range is `outOfRange`.
    package func readNumber(in bounds: ClosedRange<Double> = Self.finite) throws(JSONError) -> Double {
        guard let number else { throw mismatch("a number") }
        guard let double = number.double, bounds.contains(double) else {
            throw outside(bounds.lowerBound, bounds.upperBound)
        }
        return double
    }

    /// A boolean.
    package func readFlag() throws(JSONError) -> Bool {
        guard let flag = bool else { throw mismatch("a boolean") }
        return flag
    }

    private func outside<Bound>(_ low: Bound, _ high: Bound) -> JSONError {
        let field = path
        return JSONError(.outOfRange, at: offset, "\(field) must be from \(low) to \(high), not \(shown)", field: field)
    }

    /// The value as written, cut so that a long one does not flood a message.
    private var shown: String {
        raw.count <= 32 ? String(decoding: raw, as: UTF8.self) : String(decoding: raw.prefix(32), as: UTF8.self) + "…"
    }
}

extension JSONView {
    /// The way from the root to this value, such as `messages[3].content`; found by walking, so for errors only.
    package var path: String {
        var path = ""
        var view = JSONView(text: text, range: text.root)
        while view.range != range {
            if let next = view.members.first(where: { $0.value.range.contains(offset) }) {
                path += path.isEmpty ? next.key : ".\(next.key)"
                view = next.value
            } else if let next = view.elements.enumerated().first(where: { $0.element.range.contains(offset) }) {
                path += "[\(next.offset)]"
                view = next.element
            } else {
                break
            }
        }
        return path.isEmpty ? "the root" : path
    }
}
