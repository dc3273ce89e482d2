import Inference

/// Turns calls of folded functions back into calls of the caller's own tools, as they stream.
struct ToolUnfolding: Sendable {
    private struct OpenCall {
        var call: ToolCall
        /// Nil for a function, whose arguments pass as they are.
        var input: StreamedInput?
    }

    private let originals: [String: ToolFolding.Original]
    private var open: [Int: OpenCall] = [:]

    init(originals: [String: ToolFolding.Original] = [:]) {
        self.originals = originals
    }

    /// The caller's events for a provider's.
    mutating func unfold(_ events: [InferenceEvent]) -> [InferenceEvent] {
        guard !originals.isEmpty else { return events }
        var unfolded: [InferenceEvent] = []
        for event in events { unfold(event) { unfolded.append($0) } }
        return unfolded
    }

    private mutating func unfold(_ event: InferenceEvent, _ emit: (InferenceEvent) -> Void) {
        switch event {
        case .toolCallStarted(let index, var call):
            guard let original = originals[call.name] else { return emit(event) }
            (call.name, call.namespace, call.kind) = (original.name, original.namespace, original.kind)
            open[index] = OpenCall(call: call, input: original.kind == .custom ? StreamedInput() : nil)
            emit(.toolCallStarted(index: index, call))
        case .toolCallArgumentsDelta(let index, let delta):
            guard var input = open[index]?.input else { return emit(event) }
            open[index]?.input = nil
            let text = input.take(delta)
            open[index]?.input = input
            if !text.isEmpty { emit(.toolCallArgumentsDelta(index: index, text)) }
        case .toolCallFinished(let index, let finished):
            guard let held = open.removeValue(forKey: index) else { return emit(event) }
            var call = held.call
            call.arguments = finished.arguments
            if let input = held.input {
                let (whole, rest) = input.finish(finished.arguments)
                call.arguments = whole
                if !rest.isEmpty { emit(.toolCallArgumentsDelta(index: index, rest)) }
            }
            emit(.toolCallFinished(index: index, call))
        default: emit(event)
        }
    }
}
