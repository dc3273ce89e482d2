package import Inference
import JSON

/// A request as it goes onto the wire.
package struct WireRequest: Sendable, Hashable {
    package var dialect: Dialect
    /// Below the provider's base URL, such as `/chat/completions`; for `BaseURL.target`.
    package var route: String
    package var body: [UInt8]
    /// Hints that this dialect has no place for; leaving them out does not change what is asked.
    package var dropped: [String]

    package init(dialect: Dialect, route: String, body: [UInt8], dropped: [String] = []) {
        self.dialect = dialect
        self.route = route
        self.body = body
        self.dropped = dropped
    }

    /// Writes a request in a dialect.
    ///
    /// The bytes depend on the request alone, and the messages of a conversation come out the same however it goes
    /// on, so that a prompt cache keeps hitting.
    ///
    /// - Throws: `invalidRequest` naming what the dialect cannot say and what may not be left out.
    package init(_ request: InferenceRequest, dialect: Dialect) throws(InferenceError) {
        switch dialect {
        case .chat: self = try ChatCompletions.encode(request)
        case .responses: self = try Responses.encode(request)
        case .messages: self = try Messages.encode(request)
        case .ollama: self = try Ollama.encode(request)
        }
    }
}

extension InferenceError {
    /// What a dialect cannot say and what would change the meaning if it were left out.
    static func cannotCarry(_ what: String, _ dialect: Dialect, field: String) -> InferenceError {
        let message = "\(what) cannot be sent to a provider that speaks \(dialect.rawValue)."
        return InferenceError(.invalidRequest, message, field: field, detail: "unsupported_by_provider")
    }
}

extension JSONWriter {
    /// Members that the hub has no name for, but those that were written already.
    mutating func rest(_ rest: JSONObject, without written: Set<String> = []) {
        for member in rest.members where !written.contains(member.key) { self.member(member.key, member.value) }
    }

    /// An array of strings.
    mutating func member(_ key: String, _ texts: [String]) {
        self.key(key)
        array { writer in
            for text in texts { writer.string(text) }
        }
    }
}
