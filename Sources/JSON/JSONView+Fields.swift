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
        guard let text = value.string else { throw value.mismatch("a string") }
        return text
    }

    /// An integer written as one: `1.5` and `"5"` are `wrongType`, a value outside of `bounds` is `outOfRange`.
    package func integer(_ key: String, in bounds: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int? {
        guard let value = try field(key) else { return nil }
        guard let number = value.number else { throw value.mismatch("an integer") }
        guard number.isInteger || number.double == nil else { throw value.mismatch("an integer") }
        guard let integer = number.int, bounds.contains(integer) else {
            throw value.outside(bounds.lowerBound, bounds.upperBound)
        }
        return integer
    }

    /// A number of any form; one outside of `bounds` or of a double's range is `outOfRange`.
    package func number(
        _ key: String,
        in bounds: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) throws(JSONError) -> Double? {
        guard let value = try field(key) else { return nil }
        guard let number = value.number else { throw value.mismatch("a number") }
        guard let double = number.double, bounds.contains(double) else {
            throw value.outside(bounds.lowerBound, bounds.upperBound)
        }
        return double
    }

    /// A boolean.
    package func flag(_ key: String) throws(JSONError) -> Bool? {
        guard let value = try field(key) else { return nil }
        guard let flag = value.bool else { throw value.mismatch("a boolean") }
        return flag
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
