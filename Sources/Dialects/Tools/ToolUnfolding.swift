import Inference

/// Turns calls of folded functions back into calls of the caller's own tools, as they stream.
///
/// Arguments are mended on the way; a call whose tool depends on its arguments is told when it is whole, and those
/// behind it wait for it, because what they do may rest on it. What a limit has cut off is not completed: half a command
/// must not look like a whole one.
struct ToolUnfolding: Sendable {
    private let tools: DeclaredTools
    private let requestID: String
    private var calls: [Int: UnfoldedCall] = [:]
    /// Calls of which the caller does not know yet, in their order.
    private var queue: [Int] = []
    /// Calls that have ended with something missing: what follows tells whether a limit has cut them off.
    private var unsettled: [(index: Int, arguments: String)] = []
    private var told = 0

    init(_ tools: DeclaredTools = DeclaredTools(), requestID: String = "") {
        (self.tools, self.requestID) = (tools, requestID)
    }

    /// The caller's events for a provider's.
    mutating func unfold(_ events: [InferenceEvent]) -> [InferenceEvent] {
        guard !unsettled.isEmpty || events.contains(where: \.isCall) else { return events }
        var unfolded: [InferenceEvent] = []
        for event in events {
            settle(before: event, into: &unfolded)
            unfold(event, into: &unfolded)
        }
        return unfolded
    }

    /// The end of an answer that the provider gave up because it could not read its model's call.
    ///
    /// Nil without a tool that the arguments can be meant for.
    func rescue(_ arguments: String) -> [InferenceEvent]? {
        guard let name = tools.name(forArguments: arguments) else { return nil }
        let index = (calls.keys.max() ?? -1) + 1
        let call = ToolCall(id: "", name: name, arguments: arguments)
        return [
            .toolCallStarted(index: index, ToolCall(id: "", name: name)), .toolCallFinished(index: index, call),
            .finished(.toolCalls),
        ]
    }

    private mutating func unfold(_ event: InferenceEvent, into events: inout [InferenceEvent]) {
        switch event {
        case .toolCallStarted(let index, let call):
            calls[index] = UnfoldedCall(call, tools)
            queue.append(index)
            release(into: &events)
        case .toolCallArgumentsDelta(let index, let piece):
            guard var call = calls.removeValue(forKey: index) else { return }
            call.take(piece)
            tell(&call, into: &events)
            calls[index] = call
        case .toolCallFinished(let index, let call):
            guard let open = calls[index] else { return }
            if open.isOpen(with: call.arguments) {
                unsettled.append((index, call.arguments))
            } else {
                finish(index, call.arguments, isCut: false, into: &events)
            }
        default: events.append(event)
        }
    }

    /// Ends the calls that wait for what follows them; the end of another call tells nothing.
    private mutating func settle(before event: InferenceEvent, into events: inout [InferenceEvent]) {
        guard !unsettled.isEmpty else { return }
        var isCut = false
        switch event {
        case .usage, .toolCallFinished: return
        case .finished(.maxOutputTokens), .finished(.contentFilter), .finished(.stopSequence): isCut = true
        default: break
        }
        let waiting = unsettled
        unsettled = []
        for (index, arguments) in waiting { finish(index, arguments, isCut: isCut, into: &events) }
    }

    private mutating func finish(
        _ index: Int,
        _ arguments: String,
        isCut: Bool,
        into events: inout [InferenceEvent]
    ) {
        guard var call = calls.removeValue(forKey: index) else { return }
        if call.finish(arguments, isCut: isCut, tools) {
            tell(&call, into: &events)
            if call.place == nil { calls[index] = call }
        } else {
            queue.removeAll { $0 == index }
        }
        release(into: &events)
    }

    /// Tells of the calls that are known, up to the first that is not.
    private mutating func release(into events: inout [InferenceEvent]) {
        while let index = queue.first, var call = calls[index], call.isKnown {
            queue.removeFirst()
            call.identify("call_\(requestID)_\(told)")
            call.place = told
            events.append(.toolCallStarted(index: told, call.call))
            told += 1
            tell(&call, into: &events)
            calls[index] = call.arguments == nil ? call : nil
        }
    }

    /// Tells what is new of a call that the caller knows.
    private func tell(_ call: inout UnfoldedCall, into events: inout [InferenceEvent]) {
        guard let place = call.place else { return }
        let piece = call.takeUntold()
        if !piece.isEmpty { events.append(.toolCallArgumentsDelta(index: place, piece)) }
        guard let arguments = call.arguments else { return }
        var whole = call.call
        whole.arguments = arguments
        events.append(.toolCallFinished(index: place, whole))
    }
}

extension InferenceEvent {
    fileprivate var isCall: Bool {
        switch self {
        case .toolCallStarted, .toolCallArgumentsDelta, .toolCallFinished: true
        default: false
        }
    }
}
