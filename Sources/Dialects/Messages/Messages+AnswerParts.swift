import Inference
import JSON

extension Messages {
    /// The answer's id, of which the provider's own knows nothing.
    static func messageID(_ context: AnswerContext) -> String { "msg_\(context.requestID)" }

    /// The id of a call that the provider gave none.
    static func callID(_ call: ToolCall, index: Int, requestID: String) -> String {
        call.id.isEmpty ? "toolu_\(requestID)_\(index)" : call.id
    }

    /// A message object; `content` writes its blocks.
    static func writeMessage(
        _ context: AnswerContext,
        stop: AnswerStop?,
        usage: Usage,
        into writer: inout JSONWriter,
        content: (inout JSONWriter) -> Void
    ) {
        writer.object { writer in
            writer.member("id", messageID(context))
            writer.member("type", "message")
            writer.member("role", "assistant")
            writer.member("model", context.model)
            writer.key("content")
            writer.array { content(&$0) }
            writeStop(stop, into: &writer)
            writer.key("usage")
            writeUsage(usage, isWhole: true, into: &writer)
        }
    }

    /// The members that tell why an answer ended, and in what container, which it never has.
    static func writeStop(_ stop: AnswerStop?, into writer: inout JSONWriter) {
        writer.member("stop_reason", stop?.reason)
        writer.member("stop_sequence", stop?.sequence)
        writer.key("stop_details")
        if stop?.reason == "refusal" {
            writer.object { writer in
                writer.member("type", "refusal")
                writer.member("category", String?.none)
                writer.member("explanation", String?.none)
            }
        } else {
            writer.null()
        }
        writer.member("container", String?.none)
    }

    /// Usage as Messages counts it: `input_tokens` are those that no cache served or took.
    ///
    /// What nobody told is 0 where a number has to stand; `isWhole` tells a message's usage from an event's.
    static func writeUsage(_ usage: Usage, isWhole: Bool, into writer: inout JSONWriter) {
        let cached = usage.cachedInput ?? 0
        let written = usage.cacheWrite ?? 0
        let hour = min(usage.cacheWrite1h ?? 0, written)
        writer.object { writer in
            writer.member("input_tokens", max(0, (usage.input ?? 0) - cached - written))
            writer.member("cache_creation_input_tokens", written)
            writer.member("cache_read_input_tokens", cached)
            writer.member("output_tokens", usage.output ?? 0)
            writer.key("output_tokens_details")
            if let reasoning = usage.reasoning {
                writer.object { $0.member("thinking_tokens", reasoning) }
            } else {
                writer.null()
            }
            writer.member("server_tool_use", String?.none)
            guard isWhole else { return }
            writer.key("cache_creation")
            writer.object { writer in
                writer.member("ephemeral_5m_input_tokens", written - hour)
                writer.member("ephemeral_1h_input_tokens", hour)
            }
            writer.member("service_tier", "standard")
            writer.member("inference_geo", String?.none)
        }
    }

    /// A citation; where in its document the quoted words stand is not known here, so that range is empty.
    static func writeCitation(_ citation: Citation, into writer: inout JSONWriter) {
        writer.object { writer in
            switch citation.source {
            case .url(let url):
                writer.member("type", "web_search_result_location")
                writer.member("cited_text", citation.quote ?? "")
                writer.member("encrypted_index", "")
                writer.member("title", citation.title)
                writer.member("url", url)
            case .document(let index): writeLocation(citation, document: index, file: nil, into: &writer)
            case .file(let id): writeLocation(citation, document: 0, file: id, into: &writer)
            }
        }
    }

    private static func writeLocation(
        _ citation: Citation,
        document: Int,
        file: String?,
        into writer: inout JSONWriter
    ) {
        writer.member("type", "char_location")
        writer.member("cited_text", citation.quote ?? "")
        writer.member("document_index", document)
        writer.member("document_title", citation.title)
        writer.member("file_id", file)
        writer.member("start_char_index", 0)
        writer.member("end_char_index", 0)
    }
}

extension Messages {
    /// Why an answer ended, in Messages' words.
    struct AnswerStop: Sendable {
        let reason: String
        var sequence: String?

        init(_ reason: StopReason, hasCalls: Bool, hasRefused: Bool) {
            switch reason {
            case .maxOutputTokens: self.reason = "max_tokens"
            case .contentFilter, .refusal: self.reason = "refusal"
            case .other("pause_turn"): self.reason = "pause_turn"
            case .stopSequence(let text) where !hasCalls:
                self.reason = "stop_sequence"
                sequence = text
            // Some providers say that they have simply ended, although they wait for tools or have refused.
            case .endTurn, .toolCalls, .stopSequence, .other:
                self.reason = hasCalls ? "tool_use" : hasRefused ? "refusal" : "end_turn"
            }
        }
    }
}

extension JSONWriter {
    /// A name and a string, or null.
    fileprivate mutating func member(_ key: String, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }
}
