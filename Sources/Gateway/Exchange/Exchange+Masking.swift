import Dialects
import Inference
import NIOCore
import Providers

/// What providers see of what is said, for a tenant that has it masked.
extension Exchange {
    /// Whether what is said has to be masked before it goes to a provider.
    var masksUpstream: Bool {
        identity.principal?.content?.isMaskedUpstream == true && !snapshot.settings.masking.isEmpty
    }

    /// Masks a request, where that is wanted, and gives what puts the originals into its answer.
    ///
    /// Each attempt begins anew and comes to the same placeholders.
    func mask(_ caller: inout CallerRequest) -> AnswerUnmasking? {
        guard masksUpstream else { return nil }
        var mask = TextMask(snapshot.settings.masking)
        for name in mask.mask(&caller.request) where !caller.dropped.contains(name) { caller.dropped.append(name) }
        return AnswerUnmasking(mask.map, textIsJSON: caller.request.outputFormat?.isJSON == true)
    }

    /// What has to be masked of a request that goes on as its own bytes; nil where nothing has to be.
    func completionMask(_ facts: RequestFacts) throws(Refusal) -> CompletionMask? {
        guard masksUpstream, facts.endpoint == .completions else { return nil }
        return try CompletionMask(body, facts, snapshot.settings.masking)
    }

    /// The header fields and the query of a request that goes on as its own bytes; beside one that has to be masked no text of
    /// the caller's goes on in them either.
    func passed(to provider: Provider, _ facts: RequestFacts) -> (fields: Fields, query: String) {
        guard !masksUpstream else {
            return (translatedRequestFields(to: provider, speaking: .chat, stream: facts.stream), "")
        }
        let fields = ForwardedFields.request(
            from: callerFields,
            to: provider,
            requestID: record.requestID,
            hops: hopsToSend
        )
        return (fields, target?.query ?? "")
    }

    /// A body in whose answer no text comes back, masked where that is wanted.
    func maskedUpstream(_ body: ByteBuffer) -> [UInt8] {
        let bytes = Array(body.readableBytesView)
        guard masksUpstream else { return bytes }
        var mask = TextMask(snapshot.settings.masking)
        return mask.maskedJSON(bytes)
    }
}

extension OutputFormat {
    fileprivate var isJSON: Bool { self != .text }
}
