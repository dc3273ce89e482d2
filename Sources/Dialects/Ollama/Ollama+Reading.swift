import Inference
import JSON

/// Reading of a caller's values: null is nil, and another kind is refused with its path and its byte.
extension Ollama {
    static func text(_ value: JSONView) throws(InferenceError) -> String? {
        if value.isNull { return nil }
        guard let text = value.string else { throw InferenceError(request: value.mismatch("a string")) }
        return text
    }

    static func flag(_ value: JSONView) throws(InferenceError) -> Bool? {
        if value.isNull { return nil }
        guard let flag = value.bool else { throw InferenceError(request: value.mismatch("a boolean")) }
        return flag
    }

    static func number(_ value: JSONView) throws(InferenceError) -> Double? {
        if value.isNull { return nil }
        guard let number = value.double else { throw InferenceError(request: value.mismatch("a number")) }
        return number
    }

    /// An integer, which Ollama also takes with a fraction of zero.
    static func integer(_ value: JSONView) throws(InferenceError) -> Int? {
        if value.isNull { return nil }
        if let integer = value.int { return integer }
        guard let number = value.double, let whole = Int(exactly: number) else {
            throw InferenceError(request: value.mismatch("an integer"))
        }
        return whole
    }

    static func object(_ value: JSONView) throws(InferenceError) -> JSONView? {
        if value.isNull { return nil }
        guard value.kind == .object else { throw InferenceError(request: value.mismatch("an object")) }
        return value
    }

    static func array(_ value: JSONView) throws(InferenceError) -> JSONView? {
        if value.isNull { return nil }
        guard value.kind == .array else { throw InferenceError(request: value.mismatch("an array")) }
        return value
    }

    /// A number as it is written, or a string.
    static func duration(_ value: JSONView) throws(InferenceError) -> String? {
        if let number = value.number { return number.text }
        guard value.isNull || value.kind == .string else {
            throw InferenceError(request: value.mismatch("a number of seconds or a string"))
        }
        return try text(value)
    }

    /// Refuses a value that is of the right kind and nothing that can be asked for.
    static func refusal(of value: JSONView, _ complaint: String) -> InferenceError {
        let path = value.path
        return InferenceError(
            .invalidRequest,
            "\(path) \(complaint).",
            field: path,
            detail: "unsupported_value",
            offset: value.offset
        )
    }
}

/// The names of what is left out of a request, each once.
///
/// They become a header, so a name that a caller made up must be plain, and there is an end to them.
struct DroppedNames {
    private(set) var list: [String] = []
    private static let most = 32

    mutating func insert(_ name: String) {
        guard list.count < Self.most, name.utf8.count <= 80, !list.contains(name) else { return }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5B, 0x5D, 0x5F: true
            default: false
            }
        }
        if isPlain { list.append(name) }
    }
}
