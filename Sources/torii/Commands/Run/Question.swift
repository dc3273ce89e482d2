import Inference
import Providers

/// One prompt for one model of one provider.
struct Question: Sendable {
    let text: String
    let system: String?
    let stream: Bool
    let contextLength: Int?
    let session: ProviderSession

    /// The model that was named, if any.
    var model: String? { session.configuration.model?.value ?? session.provider.model }

    /// Asks and writes the answer as it comes; gives the failure that ended it, if one did.
    ///
    /// What is thrown is that the reader of the answer has gone, which leaves nobody to tell.
    func ask(_ writer: AnswerWriter) async throws -> InferenceError? {
        var writer = writer
        do {
            var events = try await session.client.stream(try await request()).makeAsyncIterator()
            while let event = try await events.next() { try writer.write(event) }
            try writer.finish()
            return nil
        } catch let failure as InferenceError {
            try writer.fail(failure)
            return failure
        }
    }

    private func request() async throws(InferenceError) -> InferenceRequest {
        if contextLength != nil { try await checkContextOption() }
        let instructions = system.map { [Message(.system, $0)] } ?? []
        return InferenceRequest(
            model: try await modelName(),
            messages: instructions + [Message(.user, text)],
            serving: ServingOptions(contextLength: contextLength ?? session.provider.contextLength),
            stream: stream
        )
    }

    /// Only Ollama's own API takes a context's length; elsewhere it would be lost in silence.
    private func checkContextOption() async throws(InferenceError) {
        let dialect = try await session.client.dialect()
        guard dialect != .ollama else { return }
        let name = session.provider.name
        throw InferenceError(
            .invalidRequest,
            "--num-ctx is for Ollama's own API, and provider \(name) is spoken to in the dialect \(dialect.rawValue).",
            field: "num_ctx",
            detail: "num_ctx_unsupported"
        )
    }

    /// The model that is named, or the only one that the provider has.
    private func modelName() async throws(InferenceError) -> String {
        if let model { return model }
        let names = try await session.models().map(\.name)
        if names.count == 1, let only = names.first {
            Console.standard.note("torii: no model is named; using \(only), the only one of \(session.provider.name)")
            return only
        }
        let list = names.isEmpty ? "it has none" : "it has \(names.prefix(8).joined(separator: ", "))"
        throw InferenceError(
            .modelNotFound,
            "No model is named for provider \(session.provider.name); \(list)\(names.count > 8 ? ", …" : "").",
            detail: "no_model_named"
        )
    }
}
