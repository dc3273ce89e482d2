import Inference
import JSON

/// Values of a request as what they have to be; the errors name them by their path.
extension ChatCompletions {
    static func text(_ value: JSONView) throws(InferenceError) -> String {
        guard let text = value.string else { throw InferenceError(request: value.mismatch("a string")) }
        return text
    }

    static func flag(_ value: JSONView) throws(InferenceError) -> Bool {
        guard let flag = value.bool else { throw InferenceError(request: value.mismatch("a boolean")) }
        return flag
    }

    static func number(_ value: JSONView) throws(InferenceError) -> Double {
        guard let number = value.double else { throw InferenceError(request: value.mismatch("a number")) }
        return number
    }

    static func integer(
        _ value: JSONView,
        in bounds: ClosedRange<Int> = .min ... .max
    ) throws(InferenceError) -> Int {
        guard let integer = value.int else { throw InferenceError(request: value.mismatch("an integer")) }
        guard bounds.contains(integer) else {
            throw fault(
                value,
                "must be from \(bounds.lowerBound) to \(bounds.upperBound), not \(integer)",
                "out_of_range"
            )
        }
        return integer
    }

    /// The elements of an array.
    static func elements(_ value: JSONView) throws(InferenceError) -> JSONView.Elements {
        guard value.kind == .array else { throw InferenceError(request: value.mismatch("an array")) }
        return value.elements
    }

    /// The members of an object.
    static func members(_ value: JSONView) throws(InferenceError) -> JSONView.Members {
        guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
        return value.members
    }

    /// A member that has to be there and not null.
    static func required(_ key: String, of object: JSONView) throws(InferenceError) -> JSONView {
        guard object.kind == .object else { throw InferenceError(request: object.mismatch("an object")) }
        guard let value = object[key], !value.isNull else { throw InferenceError(request: object.missing(key)) }
        return value
    }

    /// A member's string; nil where it is absent or null.
    static func optionalText(_ key: String, of object: JSONView) throws(InferenceError) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        return try text(value)
    }

    /// One of the words that a value may be.
    static func word<Word: RawRepresentable & CaseIterable>(
        _ value: JSONView,
        as: Word.Type
    ) throws(InferenceError) -> Word where Word.RawValue == String {
        let text = try text(value)
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault(value, "must be one of \(known), not \(text.prefix(40))", "unknown_value")
        }
        return word
    }

    /// What is wrong with a value, in words that follow its path.
    static func fault(_ value: JSONView, _ what: String, _ detail: String) -> InferenceError {
        let field = value.path
        let offset = value.offset
        let message = "\(field) \(what) (\(detail) at byte \(offset))."
        return InferenceError(.invalidRequest, message, field: field, detail: detail, offset: offset)
    }

    /// What would change the meaning if it were left out, and what no provider of another dialect can be told.
    static func unsupported(_ value: JSONView, _ what: String) -> InferenceError {
        let field = value.path
        return InferenceError(
            .invalidRequest,
            "\(field): \(what) cannot be sent to a provider that speaks another dialect.",
            field: field,
            detail: "unsupported_by_provider",
            offset: value.offset
        )
    }
}

extension ChatCompletions {
    /// Where a caller left what the hub has no place for, each place once.
    struct DroppedNames {
        private(set) var list: [String] = []
        private var seen: Set<String> = []

        /// Notes a member of the objects at `place`.
        mutating func add(_ place: String, _ member: String) {
            let name = "\(place).\(member)"
            if seen.insert(name).inserted { list.append(name) }
        }
    }
}
