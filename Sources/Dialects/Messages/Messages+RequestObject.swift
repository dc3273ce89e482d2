import Inference
import JSON

extension Messages {
    /// The elements of an array; none for anything else.
    static func elements(of view: JSONView?) -> [JSONView] { view.map { Array($0.elements) } ?? [] }

    /// An object of a caller's request, whose typed reads fail with what the caller gets to see.
    struct RequestObject: Sendable {
        private let members: JSONMembers

        init(_ view: JSONView) throws(InferenceError) {
            guard view.kind == .object else { throw InferenceError(request: view.mismatch("an object")) }
            members = JSONMembers(view)
        }

        var view: JSONView { members.view }

        /// The members that are not null, without those of these names.
        func others(than known: [StaticString]) -> [(key: String, value: JSONView)] { members.others(than: known) }

        /// A member of any kind; nil if it is absent or null.
        subscript(_ key: String) -> JSONView? { members[key] }

        /// A string; nil if it is absent or null.
        func text(_ key: String) throws(InferenceError) -> String? {
            try read(key) { (value) throws(JSONError) in try value.readText() }
        }

        /// An integer within bounds; nil if it is absent or null.
        func integer(_ key: String, in bounds: ClosedRange<Int>) throws(InferenceError) -> Int? {
            try read(key) { (value) throws(JSONError) in try value.readInteger(in: bounds) }
        }

        /// A number; nil if it is absent or null.
        func number(_ key: String) throws(InferenceError) -> Double? {
            try read(key) { (value) throws(JSONError) in try value.readNumber() }
        }

        /// A boolean; nil if it is absent or null.
        func flag(_ key: String) throws(InferenceError) -> Bool? {
            try read(key) { (value) throws(JSONError) in try value.readFlag() }
        }

        /// An object; nil if it is absent or null.
        func object(_ key: String) throws(InferenceError) -> RequestObject? {
            guard let found = members[key] else { return nil }
            return try RequestObject(found)
        }

        /// An array; nil if it is absent or null.
        func array(_ key: String) throws(InferenceError) -> JSONView? {
            guard let found = members[key] else { return nil }
            guard found.kind == .array else { throw InferenceError(request: found.mismatch("an array")) }
            return found
        }

        /// The strings of an array; none if it is absent or null.
        func texts(_ key: String) throws(InferenceError) -> [String] {
            var texts: [String] = []
            for element in Messages.elements(of: try array(key)) {
                guard let text = element.string else { throw InferenceError(request: element.mismatch("a string")) }
                texts.append(text)
            }
            return texts
        }

        /// A string or an array; nil if it is absent or null.
        func textOrArray(_ key: String) throws(InferenceError) -> JSONView? {
            guard let found = members[key] else { return nil }
            guard found.kind == .string || found.kind == .array else {
                throw InferenceError(request: found.mismatch("a string or an array"))
            }
            return found
        }

        /// The value of a member that has to be there: `try object.required("id", object.text)`.
        func required<Value>(
            _ key: String,
            _ read: (String) throws(InferenceError) -> Value?
        ) throws(InferenceError) -> Value {
            guard let value = try read(key) else { throw InferenceError(request: view.missing(key)) }
            return value
        }

        private func read<Value>(
            _ key: String,
            _ read: (JSONView) throws(JSONError) -> Value
        ) throws(InferenceError) -> Value? {
            guard let value = members[key] else { return nil }
            do throws(JSONError) { return try read(value) } catch { throw InferenceError(request: error) }
        }
    }
}
