import Inference
import JSON

/// The members that Ollama's answers have in common, streamed or whole.
extension Ollama {
    /// A call with its arguments as an object; a text that is none is wrapped in one, so that nothing is lost.
    static func write(_ call: ToolCall, index: Int, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", call.id)
            writer.key("function")
            writer.object { writer in
                writer.member("index", index)
                writer.member("name", call.name)
                writer.key("arguments")
                writer.argumentObject(call.arguments)
            }
        }
    }

    /// An array of tokens with their probabilities.
    static func write(_ tokens: [TokenLogprob], into writer: inout JSONWriter) {
        writer.array { writer in
            for token in tokens {
                writer.object { writer in
                    write(token.chosen, into: &writer)
                    guard !token.top.isEmpty else { return }
                    writer.key("top_logprobs")
                    writer.array { writer in
                        for candidate in token.top { writer.object { write(candidate, into: &$0) } }
                    }
                }
            }
        }
    }

    private static func write(_ candidate: TokenLogprob.Candidate, into writer: inout JSONWriter) {
        writer.member("token", candidate.token)
        writer.member("logprob", candidate.logprob)
        guard let bytes = candidate.bytes else { return }
        writer.key("bytes")
        writer.array { writer in
            for byte in bytes { writer.int(Int(byte)) }
        }
    }

    /// What stands in the last line beside the message: why it ended, and counts.
    ///
    /// Nothing here knows a clock, so the durations are 0, which says that they are unknown; so is a count that is
    /// absent.
    static func writeEnd(_ reason: StopReason, _ usage: Usage?, into writer: inout JSONWriter) {
        writer.member("done", true)
        writer.member("done_reason", word(reason))
        writer.member("total_duration", 0)
        writer.member("load_duration", 0)
        writer.memberIfPresent("prompt_eval_count", usage?.input)
        writer.member("prompt_eval_duration", 0)
        writer.memberIfPresent("eval_count", usage?.output)
        writer.member("eval_duration", 0)
    }

    /// Ollama's word for why an answer ended; `stop` also where tools are called.
    private static func word(_ reason: StopReason) -> String {
        switch reason {
        case .endTurn, .stopSequence, .toolCalls: "stop"
        case .maxOutputTokens: "length"
        case .contentFilter: "content_filter"
        case .refusal: "refusal"
        case .other(let word): word
        }
    }

    /// The reverse of it.
    static func stopReason(_ word: String?, callsTools: Bool) -> StopReason {
        switch word {
        case nil, "stop", "": callsTools ? .toolCalls : .endTurn
        case "length": .maxOutputTokens
        case "content_filter": .contentFilter
        case "refusal": .refusal
        case .some(let other): .other(other)
        }
    }
}
