package import Dialects
package import Inference

/// An answer that the gateway gives by itself because it will not, or cannot, do what was asked.
package struct Refusal: Error, Sendable, Hashable {
    /// Status, stable code, and a message that says what was wrong, where, and what to do next; never a secret.
    package var body: ErrorBody
    /// More header fields, such as `Allow`.
    package var headers: [Header] = []
    /// Whether the connection's framing can no longer be trusted.
    package var closes = false

    /// A header field of the answer.
    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    /// `message` is what is said in the place of the fault's own words.
    package init(_ fault: RequestFault, _ message: String? = nil, field: String? = nil, retryAfter: Double? = nil) {
        body = ErrorBody(fault, message: message, field: field, retryAfter: retryAfter)
    }

    /// The answer to a failure that was classified already.
    package init(_ error: InferenceError) {
        body = ErrorBody(error)
    }

    /// The same with one more header field.
    package func with(_ name: String, _ value: String) -> Refusal {
        var copy = self
        copy.headers.append(Header(name: name, value: value))
        return copy
    }

    /// The same, with the connection closed after it.
    package func closing() -> Refusal {
        var copy = self
        copy.closes = true
        return copy
    }
}
