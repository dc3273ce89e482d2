import Inference
import JSON

extension ChatCompletions {
    /// Chat chunks, those of `/v1/completions`, or one whole completion of either, to events; only the first choice is read.
    struct EventReader: EventReading {
        static let framing = EventFraming.serverSentEvents
        private(set) var isComplete = false
        private var id: String?
        private var hasStarted = false
        private var toldRefusal = false
        private var usage: Usage?
        private var stop: StopReason?
        private var calls = CallReading()
        private var template = DeltaTemplate()
        /// What the template's text is a piece of.
        private var templateKind = DeltaKind.text
        /// Whether the chunk that is being read has changed more than its events show.
        private var hasSideEffect = false

        /// What the one text of a chunk can be.
        enum DeltaKind: Sendable {
            case text, reasoning
            /// Arguments of the call of this key.
            case arguments(Int)
        }

        mutating func readQuickly(_ event: UnsafeRawBufferPointer, into events: inout [InferenceEvent]) -> Bool {
            guard let text = template.text(of: event) else { return readInPlace(event, into: &events) }
            guard !text.isEmpty else { return true }
            switch templateKind {
            case .text: events.append(.textDelta(text))
            case .reasoning: events.append(.reasoningDelta(text))
            case .arguments(let key): calls.append(key, text, into: &events)
            }
            return true
        }

        mutating func read(
            _ chunk: JSONView,
            name: String,
            into events: inout [InferenceEvent]
        ) throws(InferenceError) {
            let before = events.count
            hasSideEffect = false
            let choices = try readHead(chunk, name: name, into: &events)
            var only: (text: JSONView, kind: DeltaKind)?
            var count = 0
            for choice in choices?.elements ?? JSONView.none {
                count += 1
                guard (choice["index"]?.int ?? 0) == 0 else { continue }
                only = try read(choice, into: &events)
            }
            // A chunk that has told one text and nothing else is worth remembering.
            guard let only, !hasSideEffect, count == 1, events.count == before + 1, template.isUseful else { return }
            template.learn(chunk, around: only.text)
            templateKind = only.kind
        }

        mutating func readDone(into events: inout [InferenceEvent]) throws(InferenceError) {
            guard hasStarted else {
                throw InferenceError(
                    .malformed,
                    "The provider's stream holds nothing but [DONE].",
                    detail: "empty_stream"
                )
            }
            finish(into: &events)
        }

        mutating func readBody(_ body: JSONView, into events: inout [InferenceEvent]) throws(InferenceError) {
            try read(body, name: "", into: &events)
            guard !body.list("choices").isEmpty else { return }
            finish(into: &events)
        }
    }
}

extension ChatCompletions.EventReader {
    /// Reads a chunk of a server whose chunks differ in more than their text.
    private func readInPlace(_ event: UnsafeRawBufferPointer, into events: inout [InferenceEvent]) -> Bool {
        guard hasStarted, !template.isUseful, let delta = ChatCompletions.PlainDelta(event), let text = delta.text
        else {
            return false
        }
        events.append(delta.isReasoning ? .reasoningDelta(text) : .textDelta(text))
        return true
    }

    /// Reads what stands around the choices, in one walk; returns these.
    private mutating func readHead(
        _ chunk: JSONView,
        name: String,
        into events: inout [InferenceEvent]
    ) throws(InferenceError) -> JSONView? {
        var (choices, model, usage): (JSONView?, JSONView?, JSONView?)
        var isError = name == "error"
        for (key, value) in chunk.members {
            switch key {
            case "choices": choices = value
            case "usage": usage = value
            case "error": if !value.isNull { throw ErrorClassification.inBody(value, dialect: .chat) }
            case "object": if value.isString("error") { isError = true }
            case "id": if !hasStarted { id = value.string }
            case "model": if !hasStarted { model = value }
            default: break
            }
        }
        if isError { throw ErrorClassification.inBody(chunk, dialect: .chat) }
        if !hasStarted {
            hasStarted = true
            events.append(.started(id: id, model: model?.string))
        }
        if let usage, usage.kind == .object {
            let numbers = Usage(chat: usage)
            if numbers != self.usage { events.append(.usage(numbers)) }
            self.usage = numbers
        }
        return choices
    }

    /// Reads a choice; returns the one text that it tells, if it tells nothing else.
    private mutating func read(
        _ choice: JSONView,
        into events: inout [InferenceEvent]
    ) throws(InferenceError) -> (text: JSONView, kind: DeltaKind)? {
        var (delta, plain): (JSONView?, JSONView?)
        var (reason, logprobs, stopText): (JSONView?, JSONView?, JSONView?)
        for (key, value) in choice.members where !value.isNull {
            switch key {
            case "delta", "message": delta = value
            case "text": plain = value
            case "finish_reason": reason = value
            case "logprobs": logprobs = value
            case "stop_reason", "matched_stop": stopText = value
            default: break
            }
        }
        let only: (text: JSONView, kind: DeltaKind)?
        if let delta { only = readDelta(delta, into: &events) } else { only = readText(plain, into: &events) }
        if let logprobs { ChatCompletions.readLogprobs(logprobs, into: &events) }
        guard let reason = reason?.string, !reason.isEmpty else { return only }
        hasSideEffect = true
        guard reason != "error" else {
            throw InferenceError(.upstreamFailed, "The provider stopped with an error and did not say which.")
        }
        stop = StopReason(chat: reason)
        // vLLM and SGLang tell which text it was.
        if stop == .endTurn, let text = stopText?.string, !text.isEmpty { stop = .stopSequence(text) }
        return only
    }

    /// The text of a choice of `/v1/completions`, which stands where a delta would be.
    private func readText(
        _ text: JSONView?,
        into events: inout [InferenceEvent]
    ) -> (text: JSONView, kind: DeltaKind)? {
        guard let text, ChatCompletions.readContent(text, into: &events) else { return nil }
        return (text: text, kind: .text)
    }

    private mutating func readDelta(
        _ delta: JSONView,
        into events: inout [InferenceEvent]
    ) -> (text: JSONView, kind: DeltaKind)? {
        var (content, refusal, toolCalls, functionCall): (JSONView?, JSONView?, JSONView?, JSONView?)
        var (reasoning, otherReasoning, annotations): (JSONView?, JSONView?, JSONView?)
        for (key, value) in delta.members where !value.isNull {
            switch key {
            case "content": content = value
            case "reasoning_content": reasoning = value
            case "reasoning": otherReasoning = value
            case "refusal": refusal = value
            case "tool_calls": toolCalls = value
            case "function_call": functionCall = value
            case "annotations": annotations = value
            default: break
            }
        }
        var only: (text: JSONView, kind: DeltaKind)?
        // Some servers send both spellings with the same text.
        for view in [reasoning, otherReasoning] {
            guard let view, let text = view.string, !text.isEmpty else { continue }
            events.append(.reasoningDelta(text))
            only = (view, .reasoning)
            break
        }
        if let content, ChatCompletions.readContent(content, into: &events) { only = (content, .text) }
        if let text = refusal?.string, !text.isEmpty {
            toldRefusal = true
            hasSideEffect = true
            events.append(.refusalDelta(text))
        }
        for call in toolCalls?.elements ?? JSONView.none {
            switch calls.read(call, answerID: id, into: &events) {
            case .nothing: break
            case .appended(let text, let key): only = (text, .arguments(key))
            case .changed: hasSideEffect = true
            }
        }
        if let functionCall {
            hasSideEffect = true
            calls.readFunction(functionCall, answerID: id, into: &events)
        }
        if let annotations { ChatCompletions.readAnnotations(annotations, into: &events) }
        return only
    }

    private mutating func finish(into events: inout [InferenceEvent]) {
        calls.finishAll(into: &events)
        let ended: StopReason = toldRefusal ? .refusal : .endTurn
        let implied: StopReason = calls.isEmpty ? ended : .toolCalls
        // Some servers say "stop" although they ended with calls.
        events.append(.finished(stop.map { $0 == .endTurn ? implied : $0 } ?? implied))
        isComplete = true
    }
}

extension JSONView {
    /// No elements at all.
    fileprivate static var none: Elements { Self.nothing.elements }
    private static let nothing: JSONView = {
        guard let document = try? JSONDocument("[]") else { preconditionFailure("[] is an array") }
        return document.root
    }()
}

extension StopReason {
    /// Chat's `finish_reason`.
    init(chat reason: String) {
        switch reason {
        case "stop": self = .endTurn
        case "length", "model_length": self = .maxOutputTokens
        case "tool_calls", "function_call": self = .toolCalls
        case "content_filter": self = .contentFilter
        default: self = .other(reason)
        }
    }
}
