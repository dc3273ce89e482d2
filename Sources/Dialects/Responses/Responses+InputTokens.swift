import JSON

/// The answer to `POST /v1/responses/input_tokens`.
package enum InputTokens {
    /// The whole body.
    package static func body(_ count: Int) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            writer.member("object", "response.input_tokens")
            writer.member("input_tokens", count)
        }
        return writer.bytes
    }
}
