import Inference
import JSON

/// The JSON of an answer and of its events; `docs/cli.md` describes it, and its members only ever grow.
enum AnswerJSON {
    /// One event as a line.
    static func line(_ event: InferenceEvent) -> [UInt8] {
        document { object in
            switch event {
            case .started(let id, let model):
                object.member("type", "started")
                object.memberIfPresent("id", id)
                object.memberIfPresent("model", model)
            case .textDelta(let text): delta("text_delta", text, &object)
            case .refusalDelta(let text): delta("refusal_delta", text, &object)
            case .reasoningDelta(let text): delta("reasoning_delta", text, &object)
            case .reasoningSummaryDelta(let text, let part):
                delta("reasoning_summary_delta", text, &object)
                object.member("part", part)
            case .logprobs: object.member("type", "logprobs")
            case .citation(let citation):
                object.member("type", "citation")
                object.memberIfPresent("title", citation.title)
                object.memberIfPresent("quote", citation.quote)
                if case .url(let url) = citation.source { object.member("url", url) }
            case .reasoningFinished: object.member("type", "reasoning_finished")
            case .toolCallStarted(let index, let call):
                object.member("type", "tool_call_started")
                object.member("index", index)
                object.member("name", call.name)
            case .toolCallArgumentsDelta(let index, let text):
                delta("tool_call_arguments_delta", text, &object)
                object.member("index", index)
            case .toolCallFinished(let index, let call):
                object.member("type", "tool_call_finished")
                object.member("index", index)
                write(call, to: &object)
            case .usage(let usage):
                object.member("type", "usage")
                object.key("usage")
                write(usage, to: &object)
            case .finished(let reason):
                object.member("type", "finished")
                object.member("stop_reason", word(reason))
            }
        }
    }

    /// A failure as the last line.
    static func line(_ error: InferenceError) -> [UInt8] {
        document { object in
            object.member("type", "error")
            object.key("error")
            write(error, to: &object)
        }
    }

    /// A whole answer; with a failure what came of it, and why there is no more.
    static func object(_ answer: InferenceAnswer, provider: String, failure: InferenceError?) -> [UInt8] {
        document { object in
            object.member("provider", provider)
            object.memberIfPresent("model", answer.model)
            object.memberIfPresent("id", answer.id)
            object.member("text", answer.text)
            let reasoning = reasoning(answer)
            if !reasoning.isEmpty { object.member("reasoning", reasoning) }
            if !answer.toolCalls.isEmpty {
                object.key("tool_calls")
                object.array { list in
                    for call in answer.toolCalls { list.object { write(call, to: &$0) } }
                }
            }
            object.memberIfPresent("stop_reason", answer.stopReason.map(word))
            if let usage = answer.usage {
                object.key("usage")
                write(usage, to: &object)
            }
            if let failure {
                object.key("error")
                write(failure, to: &object)
            }
        }
    }

    static func word(_ reason: StopReason) -> String {
        switch reason {
        case .endTurn: "end_turn"
        case .maxOutputTokens: "max_output_tokens"
        case .stopSequence: "stop_sequence"
        case .toolCalls: "tool_calls"
        case .contentFilter: "content_filter"
        case .refusal: "refusal"
        case .other(let word): word
        }
    }

    private static func document(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(body)
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    private static func delta(_ type: String, _ text: String, _ object: inout JSONWriter) {
        object.member("type", type)
        object.member("text", text)
    }

    private static func reasoning(_ answer: InferenceAnswer) -> String {
        answer.message.content.reduce(into: "") { text, part in
            if case .reasoning(let reasoning) = part {
                text += reasoning.text.isEmpty ? reasoning.summary.joined(separator: "\n") : reasoning.text
            }
        }
    }

    private static func write(_ call: ToolCall, to object: inout JSONWriter) {
        object.member("id", call.id)
        object.member("name", call.name)
        object.member("arguments", call.arguments)
    }

    private static func write(_ usage: Usage, to writer: inout JSONWriter) {
        writer.object { object in
            object.memberIfPresent("input", usage.input)
            object.memberIfPresent("cached_input", usage.cachedInput)
            object.memberIfPresent("cache_write", usage.cacheWrite)
            object.memberIfPresent("cache_write_1h", usage.cacheWrite1h)
            object.memberIfPresent("output", usage.output)
            object.memberIfPresent("reasoning", usage.reasoning)
        }
    }

    private static func write(_ error: InferenceError, to writer: inout JSONWriter) {
        writer.object { object in
            object.member("code", error.code.rawValue)
            object.member("message", error.message)
            object.memberIfPresent("cause", error.cause)
            object.memberIfPresent("retry_after", error.retryAfter)
            object.memberIfPresent("upstream_status", error.upstreamStatus)
        }
    }
}
