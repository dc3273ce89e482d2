import Inference
import JSON

extension EmbeddingRequest {
    /// Writes the request for a provider.
    ///
    /// - Throws: `invalidRequest` for a dialect that has no embeddings.
    func encoded(for dialect: Dialect) throws(InferenceError) -> WireRequest {
        switch dialect {
        case .chat, .responses: encodedForOpenAI(dialect)
        case .ollama: encodedForOllama()
        case .messages: throw .cannotCarry("A request for embeddings", .messages, field: "model")
        }
    }

    /// Every server knows the numbers written out, and only some the shorter base64.
    private func encodedForOpenAI(_ dialect: Dialect) -> WireRequest {
        var names = dropped
        if serving.keepAlive != nil { names.append("keep_alive") }
        if serving.contextLength != nil { names.append("options.num_ctx") }
        // A text that is too long is an error there.
        if truncate == true { names.append("truncate") }
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("model", model)
            writer.member("input", inputs)
            writer.member("encoding_format", Encoding.float.rawValue)
            writer.memberIfPresent("dimensions", dimensions)
            writer.memberIfPresent("user", user)
        }
        return WireRequest(dialect: dialect, route: Endpoint.embeddings.route, body: writer.bytes, dropped: names)
    }

    /// A text that does not fit is an error unless the caller wants it cut.
    private func encodedForOllama() -> WireRequest {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.member("model", model)
            writer.member("input", inputs)
            writer.member("truncate", truncate ?? false)
            writer.memberIfPresent("dimensions", dimensions)
            if let keepAlive = serving.keepAlive { Ollama.writeKeepAlive(keepAlive, into: &writer) }
            if let length = serving.contextLength {
                writer.member("options", ["num_ctx": .number(JSONNumber(length))] as JSONValue)
            }
        }
        return WireRequest(
            dialect: .ollama,
            route: Endpoint.ollamaEmbed.route,
            body: writer.bytes,
            dropped: dropped + (user == nil ? [] : ["user"])
        )
    }
}
