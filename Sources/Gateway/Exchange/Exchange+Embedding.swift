import Dialects
import Inference
import NIOCore
import Providers

/// Vectors across dialects: one whole body there, and one back.
extension Exchange {
    /// Asks for vectors in the provider's dialect.
    func attemptEmbedding(_ decision: RouteTarget, to dialect: Dialect, _ text: ByteBuffer) throws(Refusal) {
        guard let route, let endpoint = route.endpoint else { return }
        let translation: EmbeddingTranslation
        do throws(InferenceError) {
            translation = try EmbeddingTranslation(
                maskedUpstream(text),
                endpoint: endpoint,
                to: dialect,
                model: decision.model
            )
        } catch {
            throw Refusal(error)
        }
        record.upstreamDialect = dialect
        record.dropped = DroppedNames(translation.dropped).text
        if let own = translation.ownAnswer { return send(ByteBuffer(bytes: own), status: 200, fields: ownFields) }
        guard state.upstreamWillStart() else { return }
        embedding = translation
        letGoOfBody()
        let builder = UpstreamRequestBuilder(provider: decision.provider, route: route, model: decision.model)
        let fields = translatedRequestFields(to: decision.provider, speaking: dialect, stream: false)
        start(builder.build(translation.wire, fields: fields), streams: false)
    }

    /// Turns the provider's vectors into the caller's.
    func answer(_ held: BodyRelay, by embedding: EmbeddingTranslation) {
        let body: [UInt8]
        do throws(InferenceError) {
            let answer = try embedding.answer(Array(held.bytes.readableBytesView))
            record.usage = answer.usage ?? Usage()
            body = answer.body
        } catch {
            return fail(error)
        }
        var fields = ownFields
        appendNotes(to: &fields)
        send(ByteBuffer(bytes: body), status: 200, fields: fields)
    }
}
