import Dialects
import Inference

/// Puts the originals back into an answer to a masked request, event by event.
///
/// A placeholder that comes in pieces is held back until it is whole, or until its piece of the answer ends.
struct AnswerUnmasking: EventRewriter {
    private let map: MaskMap
    /// Whether the answer's text is JSON, in whose strings the originals have to be escaped.
    private let textIsJSON: Bool
    private var open: (part: Part, text: Unmasker)?
    /// By the index of their call.
    private var arguments: [Int: Unmasker] = [:]

    /// What texts of an answer belong together.
    private enum Part: Hashable {
        case text
        case refusal
        case reasoning
        case summary(Int)

        func event(_ text: String) -> InferenceEvent {
            switch self {
            case .text: .textDelta(text)
            case .refusal: .refusalDelta(text)
            case .reasoning: .reasoningDelta(text)
            case .summary(let part): .reasoningSummaryDelta(text, part: part)
            }
        }
    }

    init(_ map: MaskMap, textIsJSON: Bool = false) {
        self.map = map
        self.textIsJSON = textIsJSON
    }

    mutating func rewrite(_ events: [InferenceEvent]) -> [InferenceEvent] {
        guard !map.isEmpty else { return events }
        var restored: [InferenceEvent] = []
        restored.reserveCapacity(events.count)
        for event in events { rewrite(event, into: &restored) }
        return restored
    }

    private mutating func rewrite(_ event: InferenceEvent, into events: inout [InferenceEvent]) {
        switch event {
        case .textDelta(let delta): take(delta, .text, &events)
        case .refusalDelta(let delta): take(delta, .refusal, &events)
        case .reasoningDelta(let delta): take(delta, .reasoning, &events)
        case .reasoningSummaryDelta(let delta, let part): take(delta, .summary(part), &events)
        case .reasoningFinished:
            close(&events)
            events.append(event)
        case .toolCallStarted(let index, let call):
            close(&events)
            arguments[index] = Unmasker(map, isJSON: call.kind != .custom)
            events.append(.toolCallStarted(index: index, whole(call)))
        case .toolCallArgumentsDelta(let index, let delta):
            let text = arguments[index]?.take(delta) ?? delta
            if !text.isEmpty { events.append(.toolCallArgumentsDelta(index: index, text)) }
        case .toolCallFinished(let index, let call):
            close(&events)
            let rest = arguments.removeValue(forKey: index)?.rest ?? ""
            if !rest.isEmpty { events.append(.toolCallArgumentsDelta(index: index, rest)) }
            events.append(.toolCallFinished(index: index, whole(call)))
        case .citation(let citation): events.append(.citation(whole(citation)))
        case .finished(.stopSequence(let text)):
            close(&events)
            events.append(.finished(.stopSequence(text.map { Unmasker.whole($0, map) })))
        case .finished:
            close(&events)
            events.append(event)
        // These say nothing of the text, or stand in the middle of it.
        case .started, .usage, .logprobs: events.append(event)
        }
    }

    private mutating func take(_ delta: String, _ part: Part, _ events: inout [InferenceEvent]) {
        if let open, open.part != part { close(&events) }
        var text = open?.text ?? Unmasker(map, isJSON: textIsJSON && part == .text)
        let known = text.take(delta)
        open = (part, text)
        if !known.isEmpty { events.append(part.event(known)) }
    }

    /// A piece of the answer is over: what was held back of it was no placeholder.
    private mutating func close(_ events: inout [InferenceEvent]) {
        guard let open else { return }
        self.open = nil
        let rest = open.text.rest
        if !rest.isEmpty { events.append(open.part.event(rest)) }
    }

    private func whole(_ call: ToolCall) -> ToolCall {
        var call = call
        call.arguments = Unmasker.whole(call.arguments, map, isJSON: call.kind != .custom)
        return call
    }

    /// Where the words stand that rest on it is another place in a text that has become longer.
    private func whole(_ citation: Citation) -> Citation {
        var citation = citation
        citation.title = citation.title.map { Unmasker.whole($0, map) }
        citation.quote = citation.quote.map { Unmasker.whole($0, map) }
        citation.range = nil
        return citation
    }
}
