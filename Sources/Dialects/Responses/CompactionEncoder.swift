package import Inference
package import JSON

/// Writes a conversation's compaction in the place of the model's answer, which is the summary that goes into it.
package struct CompactionEncoder: AnswerEncoder {
    /// What the answer looks like.
    package enum Form: Sendable {
        /// A response whose only item is the compaction, streamed or whole as the caller asked.
        case response
        /// The body of `/v1/responses/compact`: these items, whole JSON objects, and the compaction behind them.
        case compactedBody(messages: [[UInt8]])
    }

    private let form: Form
    private let streams: Bool
    private let seal: @Sendable (String) -> String
    private var stream: Responses.StreamEncoder
    private var events = JSONWriter(capacity: 1024)
    private var summary = ""

    /// `seal` makes the item's `encrypted_content` of the summary.
    package init(_ context: AnswerContext, form: Form, seal: @escaping @Sendable (String) -> String) {
        self.form = form
        self.seal = seal
        stream = Responses.StreamEncoder(context)
        if case .response = form { streams = context.caller.request.stream } else { streams = false }
    }

    package var contentType: String { streams ? stream.contentType : "application/json" }

    package mutating func encode(_ event: InferenceEvent, into output: inout JSONWriter) {
        switch event {
        case .textDelta(let text): summary += text
        case .usage: stream.encode(event, into: &events)
        case .finished: finish(into: &output)
        default: break
        }
        // Its head is written when something has to be said.
        if streams, !events.bytes.isEmpty { output.frame(events.take()) }
        _ = events.take()
    }

    package mutating func fail(_ error: InferenceError, into output: inout JSONWriter) {
        if streams { stream.fail(error, into: &output) }
    }

    package var keepAliveBeginsStream: Bool { streams }

    package mutating func keepAlive(into output: inout JSONWriter) {
        if streams { stream.keepAlive(into: &output) }
    }

    package var keptResponse: [UInt8]? {
        if case .response = form { stream.keptResponse } else { nil }
    }

    private mutating func finish(into output: inout JSONWriter) {
        guard !summary.allSatisfy(\.isWhitespace) else { return finishWithoutSummary(into: &output) }
        let item = stream.finish(withCompaction: seal(summary), into: &events)
        guard !streams else { return }
        if case .compactedBody(let messages) = form {
            stream.response.writeCompacted(messages + [item], usage: stream.usage, into: &output)
        } else {
            stream.response.write(stream.ending, output: stream.items, usage: stream.usage, into: &output)
        }
    }

    /// Nothing was said that could stand for the conversation.
    private mutating func finishWithoutSummary(into output: inout JSONWriter) {
        let message = "The model gave no summary of the conversation."
        let error = InferenceError(.upstreamFailed, message, detail: "compaction_failed")
        if streams { return stream.fail(error, into: &events) }
        stream.response.write(.failed(code: "compaction_failed", message: message), into: &output)
    }
}

extension Responses.StreamEncoder {
    /// Ends a stream whose only item is a compaction, and gives back the item.
    fileprivate mutating func finish(withCompaction sealed: String, into output: inout JSONWriter) -> [UInt8] {
        encode(.started(id: nil, model: nil), into: &output)
        let place = openItem()
        var writer = JSONWriter(capacity: sealed.utf8.count + 128)
        writer.object { writer in
            writer.member("id", "cmp_\(requestID)_\(place)")
            writer.member("type", "compaction")
            writer.member("encrypted_content", sealed)
        }
        begin(Responses.EventHead.itemAdded, into: &output)
        output.frame(",\"output_index\":")
        output.int(place)
        output.frame(",\"item\":")
        output.frame(writer.bytes)
        output.frame("}\n\n")
        close(writer.bytes, at: place, into: &output)
        encode(.finished(.endTurn), into: &output)
        return writer.bytes
    }
}

extension Responses.ResponseObject {
    /// The body of `/v1/responses/compact`.
    fileprivate func writeCompacted(_ output: [[UInt8]], usage: Usage?, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("object", "response.compaction")
            writer.member("created_at", createdAt)
            writer.key("output")
            writer.array { writer in
                for item in output { writer.raw(item) }
            }
            writer.key("usage")
            write(usage, into: &writer)
        }
    }
}
