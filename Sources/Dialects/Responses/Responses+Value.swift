import Inference
import JSON

extension Responses {
    /// A value of a caller's body; what is wrong with it is told as the caller's fault, by its path and its place.
    struct Value {
        let view: JSONView

        init(_ view: JSONView) {
            self.view = view
        }

        func string() throws(InferenceError) -> String {
            guard let text = view.string else { throw wrong("a string") }
            return text
        }

        func flag() throws(InferenceError) -> Bool {
            guard let flag = view.bool else { throw wrong("a boolean") }
            return flag
        }

        func integer(in bounds: ClosedRange<Int>) throws(InferenceError) -> Int {
            guard let number = view.number, number.isInteger || number.double == nil else { throw wrong("an integer") }
            guard let value = number.int, bounds.contains(value) else {
                throw outside("from \(bounds.lowerBound) to \(bounds.upperBound)")
            }
            return value
        }

        func number(in bounds: ClosedRange<Double>) throws(InferenceError) -> Double {
            guard let number = view.number else { throw wrong("a number") }
            guard let value = number.double, bounds.contains(value) else {
                throw outside("from \(bounds.lowerBound) to \(bounds.upperBound)")
            }
            return value
        }

        /// One of a few words.
        func word<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) throws(InferenceError) -> Word {
            guard let word = Word(rawValue: try string()) else {
                throw outside("one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return word
        }

        func object() throws(InferenceError) -> Members {
            guard view.kind == .object else { throw wrong("an object") }
            return Members(view)
        }

        func elements() throws(InferenceError) -> JSONView.Elements {
            guard view.kind == .array else { throw wrong("an array") }
            return view.elements
        }

        /// A string as it is, anything else as it is written.
        var text: String { view.string ?? String(decoding: view.raw, as: UTF8.self) }

        func wrong(_ wanted: String) -> InferenceError {
            InferenceError(request: view.mismatch(wanted))
        }

        func outside(_ wanted: String) -> InferenceError {
            let field = view.path
            let message = "\(field) must be \(wanted)"
            return InferenceError(request: JSONError(.outOfRange, at: view.offset, message, field: field))
        }
    }

    /// An object's members that are not null, taken out one by one; what is left was not needed.
    struct Members {
        private var members: JSONMembers

        init(_ view: JSONView) {
            members = JSONMembers(view)
        }

        var view: JSONView { members.view }

        /// The members that were not taken.
        var left: [(key: String, value: JSONView)] { members.all }

        /// The same without those of these names.
        func left(but known: [StaticString]) -> [(key: String, value: JSONView)] { members.others(than: known) }

        /// Whether a member is there and was not taken.
        func has(_ key: String) -> Bool { members.has(key) }

        /// The member, which is not among those left then.
        mutating func take(_ key: String) -> Value? { members.take(key).map { Value($0) } }

        /// A member that has to be there.
        mutating func required(_ key: String) throws(InferenceError) -> Value {
            guard let value = take(key) else { throw InferenceError(request: view.missing(key)) }
            return value
        }

        /// For an item, a part or a tool that no other dialect has and that must not be left out.
        func unsupported(_ what: String) -> InferenceError {
            InferenceError(
                .invalidRequest,
                "\(what) cannot be sent to a provider that does not speak Responses itself.",
                field: view.path,
                detail: "unsupported_by_provider",
                offset: view.offset
            )
        }
    }
}
