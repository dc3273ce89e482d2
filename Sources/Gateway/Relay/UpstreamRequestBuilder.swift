import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// Makes the provider's request from the caller's: the same bytes but for the named edits (docs/architecture.md lists them).
struct UpstreamRequestBuilder {
    let provider: Provider
    let route: PublicRoute
    /// The model that the upstream is asked for.
    let model: String

    /// Checks a request's body and reads what the gateway has to know of it.
    static func facts(of body: ByteBuffer, endpoint: Endpoint) throws(Refusal) -> RequestFacts {
        do throws(InferenceError) {
            return try body.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
                try RequestFacts(bytes.bytes, endpoint: endpoint)
            }
        } catch {
            throw Refusal(error)
        }
    }

    /// The request, and whether it asks for a usage chunk that the caller did not ask for.
    ///
    /// - Throws: `Refusal` 400 where the provider speaks another dialect.
    func build(
        body: ByteBuffer,
        facts: RequestFacts,
        fields: Fields,
        query: String
    ) throws(Refusal) -> (request: UpstreamRequest, stripsUsage: Bool) {
        guard let endpoint = route.endpoint, speaks(endpoint.dialect) else {
            let dialect = provider.dialect?.rawValue ?? ""
            throw Refusal(
                .dialectUnsupported,
                "Provider \(provider.name) speaks \(dialect) and cannot answer \(route.path)."
            )
        }
        let edits = facts.edits(model: model, asksForUsage: true)
        let request = UpstreamRequest(
            method: "POST",
            target: provider.baseURL.target(endpoint.dialect, route.providerRoute) + query,
            fields: fields,
            body: Self.apply(edits, to: body),
            origin: Origin(provider.baseURL, caFile: provider.caFile, partition: provider.name),
            timeouts: provider.timeouts
        )
        return (request, facts.lacksUsage)
    }

    /// Ollama serves the OpenAI and Anthropic routes beside its own.
    private func speaks(_ dialect: Dialect) -> Bool {
        provider.dialect == nil || provider.dialect == dialect || provider.dialect == .ollama
    }

    /// The body as slices around the edits; nothing long is copied.
    private static func apply(_ edits: [JSONEdit], to body: ByteBuffer) -> [ByteBuffer] {
        var body = body
        var parts: [ByteBuffer] = []
        let start = body.readerIndex
        for edit in edits {
            let count = start + edit.range.lowerBound - body.readerIndex
            if count > 0, let slice = body.readSlice(length: count) { parts.append(slice) }
            parts.append(ByteBuffer(bytes: edit.replacement))
            body.moveReaderIndex(to: start + edit.range.upperBound)
        }
        if body.readableBytes > 0 { parts.append(body) }
        return parts
    }
}
