import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// Makes the provider's request: from the caller's own bytes, the same but for the named edits (docs/architecture.md lists
/// them), or from what they were translated into.
struct UpstreamRequestBuilder {
    let provider: Provider
    let route: PublicRoute
    /// The model that the upstream is asked for.
    let model: String
    /// How long its answer may be; nil where nobody bounds it.
    var outputLimit: Int?

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
    /// `others` are edits of members beside those that any request may need.
    func build(
        body: ByteBuffer,
        facts: RequestFacts,
        edits others: [BodyEdit] = [],
        fields: Fields,
        query: String
    ) -> (request: UpstreamRequest, stripsUsage: Bool) {
        let edits = edits(of: body, facts)
        let request = UpstreamRequest(
            method: "POST",
            target: provider.baseURL.target(facts.endpoint.dialect, route.providerRoute) + query,
            fields: fields,
            body: (edits.map(BodyEdit.init) + others).applied(to: body),
            origin: provider.origin,
            timeouts: provider.timeouts
        )
        return (request, facts.lacksUsage)
    }

    private func edits(of body: ByteBuffer, _ facts: RequestFacts) -> [JSONEdit] {
        guard let outputLimit else { return facts.edits(model: model, asksForUsage: true) }
        let bound = OutputBound(outputLimit, isOpenAI: DialectDetection.isOpenAI(provider.baseURL))
        return body.withUnsafeReadableBytes {
            facts.edits(model: model, asksForUsage: true, bound: bound, in: $0)
        }
    }

    /// A request in the provider's own dialect.
    func build(_ wire: WireRequest, fields: Fields) -> UpstreamRequest {
        build("POST", wire.route, dialect: wire.dialect, body: wire.body, fields: fields)
    }

    /// A request with a body of the gateway's own, or with none.
    func build(_ method: String, _ route: String, dialect: Dialect, body: [UInt8], fields: Fields) -> UpstreamRequest {
        UpstreamRequest(
            method: method,
            target: provider.baseURL.target(dialect, route),
            fields: fields,
            body: body.isEmpty ? [] : [ByteBuffer(bytes: body)],
            origin: provider.origin,
            timeouts: provider.timeouts
        )
    }
}
