import Inference
import JSON

extension Messages {
    /// The elements of an array; none for anything else.
    static func elements(of view: JSONView?) -> [JSONView] { view.map { Array($0.elements) } ?? [] }

    /// An object of a caller's request, whose typed reads fail with what the caller gets to see.
    struct RequestObject: Sendable {
        let view: JSONView

        init(_ view: JSONView) throws(InferenceError) {
            guard view.kind == .object else { throw InferenceError(request: view.mismatch("an object")) }
            self.view = view
        }

        /// A string; nil if it is absent or null.
        func text(_ key: String) throws(InferenceError) -> String? {
            try caught { () throws(JSONError) in try view.text(key) }
        }

        /// An integer within bounds; nil if it is absent or null.
        func integer(_ key: String, in bounds: ClosedRange<Int>) throws(InferenceError) -> Int? {
            try caught { () throws(JSONError) in try view.integer(key, in: bounds) }
        }

        /// A number; nil if it is absent or null.
        func number(_ key: String) throws(InferenceError) -> Double? {
            try caught { () throws(JSONError) in try view.number(key) }
        }

        /// A boolean; nil if it is absent or null.
        func flag(_ key: String) throws(InferenceError) -> Bool? {
            try caught { () throws(JSONError) in try view.flag(key) }
        }

        /// An object; nil if it is absent or null.
        func object(_ key: String) throws(InferenceError) -> RequestObject? {
            guard let found = view[key], !found.isNull else { return nil }
            return try RequestObject(found)
        }

        /// An array; nil if it is absent or null.
        func array(_ key: String) throws(InferenceError) -> JSONView? {
            try caught { () throws(JSONError) in try view.array(key) }
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
            guard let found = view[key], !found.isNull else { return nil }
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

        private func caught<Value>(_ read: () throws(JSONError) -> Value) throws(InferenceError) -> Value {
            do throws(JSONError) { return try read() } catch { throw InferenceError(request: error) }
        }
    }
}
