import Inference
import JSON

extension ChatCompletions {
    /// The unchanging bytes around what each chunk of one answer says.
    struct ChunkFrame: Sendable {
        /// Up to the delta of a chat's choice, or to the text of a completion's.
        let head: [UInt8]
        /// From behind the delta to the end of the event.
        let tail: [UInt8]
        /// Up to the text of a delta of plain content, and of one of reasoning.
        let contentHead: [UInt8]
        let reasoningHead: [UInt8]
        /// Behind such a text.
        let textTail: [UInt8]
        /// From the start of the event up to the choices.
        private let start: [UInt8]
        /// Whether each chunk says that it has no usage, as the specification wants it where usage was asked for.
        private let includesUsage: Bool
        private let isChat: Bool

        init(_ context: AnswerContext) {
            isChat = context.caller.endpoint != .completions
            includesUsage = context.caller.includesUsage
            var writer = JSONWriter()
            writer.object { ChatCompletions.writeHead(context, isChunk: true, into: &$0) }
            // The closing brace is the last chunk's own.
            start = Array("data: ".utf8) + writer.bytes.dropLast()
            let between = isChat ? #"{"index":0,"delta":"# : #"{"index":0,"text":"#
            head = start + Array((#","choices":["# + between).utf8)
            let end = (includesUsage ? #"}],"usage":null}"# : "}]}") + "\n\n"
            tail = Array((#","logprobs":null,"finish_reason":null"# + end).utf8)
            contentHead = head + Array((isChat ? #"{"content":"# : "").utf8)
            reasoningHead = head + Array(#"{"reasoning_content":"#.utf8)
            textTail = Array((isChat ? "}" : "").utf8) + tail
        }

        /// A chunk whose delta, or a completion's text, `body` writes, with what else its choice has to say.
        func write(
            into output: inout JSONWriter,
            logprobs: [TokenLogprob] = [],
            finishReason: String? = nil,
            _ body: (inout JSONWriter) -> Void
        ) {
            output.frame(head)
            body(&output)
            guard !logprobs.isEmpty || finishReason != nil else { return output.frame(tail) }
            output.key("logprobs")
            output.chatLogprobs(logprobs)
            output.key("finish_reason")
            if let finishReason { output.string(finishReason) } else { output.null() }
            output.frame(includesUsage ? "}],\"usage\":null}\n\n" : "}]}\n\n")
        }

        /// The chunk without a choice that tells the usage.
        func write(_ usage: Usage, into output: inout JSONWriter) {
            output.frame(start)
            output.frame(",\"choices\":[],\"usage\":")
            output.chatUsage(usage)
            output.frame("}\n\n")
        }
    }

    /// The members that chunks and bodies have in common.
    static func writeHead(_ context: AnswerContext, isChunk: Bool, into writer: inout JSONWriter) {
        let isChat = context.caller.endpoint != .completions
        writer.member("id", (isChat ? "chatcmpl-" : "cmpl-") + context.requestID)
        writer.member("object", isChat ? (isChunk ? "chat.completion.chunk" : "chat.completion") : "text_completion")
        writer.member("created", context.createdAt)
        writer.member("model", context.model)
    }

    /// The word for why an answer ended; the dialect has no other than these.
    ///
    /// A refusal that was told in words has ended as it should; one without words was cut by the provider.
    static func finishReason(_ reason: StopReason, toldRefusal: Bool, isLegacy: Bool) -> String {
        switch reason {
        case .endTurn, .stopSequence, .other: "stop"
        case .maxOutputTokens: "length"
        case .toolCalls: isLegacy ? "function_call" : "tool_calls"
        case .contentFilter: "content_filter"
        case .refusal: toldRefusal ? "stop" : "content_filter"
        }
    }
}

extension JSONWriter {
    /// Chat's `usage`, with both objects of details whole; what the provider did not count is 0, as OpenAI writes it.
    mutating func chatUsage(_ usage: Usage) {
        let (input, output) = (usage.input ?? 0, usage.output ?? 0)
        object { writer in
            writer.member("prompt_tokens", input)
            writer.member("completion_tokens", output)
            writer.member("total_tokens", input &+ output)
            writer.key("prompt_tokens_details")
            writer.object { writer in
                writer.member("cached_tokens", usage.cachedInput ?? 0)
                writer.memberIfPresent("cache_write_tokens", usage.cacheWrite)
                writer.member("audio_tokens", 0)
            }
            writer.key("completion_tokens_details")
            writer.object { writer in
                writer.member("reasoning_tokens", usage.reasoning ?? 0)
                writer.member("audio_tokens", 0)
                writer.member("accepted_prediction_tokens", 0)
                writer.member("rejected_prediction_tokens", 0)
            }
        }
    }

    /// Chat's `logprobs` of a choice; null without any.
    mutating func chatLogprobs(_ logprobs: [TokenLogprob]) {
        guard !logprobs.isEmpty else { return null() }
        object { writer in
            writer.key("content")
            writer.array { writer in
                for entry in logprobs {
                    writer.object { writer in
                        writer.candidate(entry.chosen)
                        writer.key("top_logprobs")
                        writer.array { writer in
                            for candidate in entry.top { writer.object { $0.candidate(candidate) } }
                        }
                    }
                }
            }
            writer.key("refusal")
            writer.null()
        }
    }

    private mutating func candidate(_ candidate: TokenLogprob.Candidate) {
        member("token", candidate.token)
        member("logprob", candidate.logprob)
        key("bytes")
        guard let bytes = candidate.bytes else { return null() }
        array { writer in
            for byte in bytes { writer.int(Int(byte)) }
        }
    }

    /// Chat's annotations, which know addresses alone; a place that nobody told is the end of the text so far.
    mutating func chatAnnotations(_ citations: [Citation], end: Int) {
        array { writer in
            for citation in citations {
                guard case .url(let url) = citation.source else { continue }
                writer.object { writer in
                    writer.member("type", "url_citation")
                    writer.key("url_citation")
                    writer.object { writer in
                        writer.member("start_index", citation.range?.lowerBound ?? end)
                        writer.member("end_index", citation.range?.upperBound ?? end)
                        writer.member("title", citation.title ?? url)
                        writer.member("url", url)
                    }
                }
            }
        }
    }
}
