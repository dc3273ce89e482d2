/// An answer put together from its events.
package struct InferenceAnswer: Sendable, Equatable {
    package private(set) var id: String?
    package private(set) var model: String?
    /// The assistant's message so far: reasoning, text and calls in the order in which they began.
    package private(set) var message = Message(.assistant, [])
    package private(set) var usage: Usage?
    /// Nil while the answer is not complete.
    package private(set) var stopReason: StopReason?
    private var places: [Int: Int] = [:]

    package init() {}

    /// All text of the answer, without reasoning and refusals.
    package var text: String {
        message.content.reduce(into: "") { if case .text(let part) = $1 { $0 += part } }
    }

    /// The calls in their order.
    package var toolCalls: [ToolCall] {
        message.content.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    }

    /// Takes the next event.
    package mutating func apply(_ event: InferenceEvent) {
        switch event {
        case .started(let id, let model): (self.id, self.model) = (id, model)
        case .textDelta(let delta): appendText(delta)
        case .refusalDelta(let delta): appendRefusal(delta)
        case .reasoningDelta(let delta): changeReasoning { $0.text += delta }
        case .reasoningSummaryDelta(let delta, let part):
            changeReasoning { reasoning in
                while reasoning.summary.count <= part { reasoning.summary.append("") }
                reasoning.summary[part] += delta
            }
        case .reasoningFinished(let id, let signature, let encrypted):
            changeReasoning { ($0.id, $0.signature, $0.encrypted) = (id, signature, encrypted) }
        case .toolCallStarted(let index, let call):
            places[index] = message.content.count
            message.content.append(.toolCall(call))
        case .toolCallArgumentsDelta, .logprobs, .citation: break
        case .toolCallFinished(let index, let call):
            if let place = places[index] { message.content[place] = .toolCall(call) }
        case .usage(let usage): self.usage = usage
        case .finished(let reason): stopReason = reason
        }
    }

    // The last part is taken out before it grows, so that it grows in place.

    private mutating func appendText(_ delta: String) {
        guard case .text(var text) = message.content.last else { return message.content.append(.text(delta)) }
        message.content.removeLast()
        text += delta
        message.content.append(.text(text))
    }

    private mutating func appendRefusal(_ delta: String) {
        guard case .refusal(var text) = message.content.last else { return message.content.append(.refusal(delta)) }
        message.content.removeLast()
        text += delta
        message.content.append(.refusal(text))
    }

    /// Reasoning is open while it stands last and nothing has closed it.
    private mutating func changeReasoning(_ change: (inout Reasoning) -> Void) {
        var reasoning = Reasoning()
        if case .reasoning(let open) = message.content.last,
            open.id == nil, open.signature == nil, open.encrypted == nil
        {
            reasoning = open
            message.content.removeLast()
        }
        change(&reasoning)
        message.content.append(.reasoning(reasoning))
    }
}
