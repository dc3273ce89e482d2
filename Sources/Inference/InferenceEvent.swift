/// One step of an answer, in the order in which it comes.
///
/// A good answer is: `started`, any number of deltas and calls, `usage` where there is one, `finished`. A failure is
/// thrown, never an event.
package enum InferenceEvent: Sendable, Hashable {
    /// The upstream has begun; either may be unknown.
    case started(id: String?, model: String?)
    case textDelta(String)
    case refusalDelta(String)
    /// How likely the tokens of the text just told were; follows the delta that it is about.
    case logprobs([TokenLogprob])
    /// A source of the text told so far in this piece of it.
    case citation(Citation)
    case reasoningDelta(String)
    /// A piece of the provider's retelling of its thinking; `part` counts from 0.
    case reasoningSummaryDelta(String, part: Int)
    /// Closes a piece of reasoning with what has to go back to the provider.
    case reasoningFinished(id: String?, signature: String?, encrypted: String?)
    /// A call with all but its arguments; `index` tells the calls of one answer apart.
    case toolCallStarted(index: Int, ToolCall)
    case toolCallArgumentsDelta(index: Int, String)
    /// The whole call; every started call is finished before the answer is.
    case toolCallFinished(index: Int, ToolCall)
    /// Numbers so far; the last one counts.
    case usage(Usage)
    /// The last event.
    case finished(StopReason)
}

/// Why a model stopped.
package enum StopReason: Sendable, Hashable {
    /// It had said what it wanted to.
    case endTurn
    /// The limit of the answer's length, or the context's end.
    case maxOutputTokens
    /// One of the request's stop texts, named where the dialect tells.
    case stopSequence(String?)
    /// It waits for tools.
    case toolCalls
    case contentFilter
    /// It declined to answer.
    case refusal
    /// Whatever else the upstream says, in its word.
    case other(String)
}
