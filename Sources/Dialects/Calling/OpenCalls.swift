import Inference

/// The tool calls of an answer while their arguments arrive.
struct OpenCalls: Sendable {
    private var calls: [(key: Int, call: ToolCall, isOpen: Bool)] = []

    /// Whether the answer holds any call.
    var isEmpty: Bool { calls.isEmpty }
    var count: Int { calls.count }

    /// Whether the call of this key has begun.
    func has(_ key: Int) -> Bool { calls.contains { $0.key == key } }

    /// The key of the last call with this id.
    func key(id: String) -> Int? { calls.last { $0.call.id == id }?.key }

    /// The key of the call that began last.
    var lastKey: Int? { calls.last?.key }

    /// Begins a call; its `arguments` so far count as its first piece.
    mutating func start(_ key: Int, _ call: ToolCall, into events: inout [InferenceEvent]) {
        var bare = call
        bare.arguments = ""
        events.append(.toolCallStarted(index: calls.count, bare))
        calls.append((key, bare, true))
        append(key, call.arguments, into: &events)
    }

    /// Adds a piece of a call's arguments; an unknown key or an empty piece means nothing.
    mutating func append(_ key: Int, _ piece: String, into events: inout [InferenceEvent]) {
        guard !piece.isEmpty, let place = calls.firstIndex(where: { $0.key == key && $0.isOpen }) else { return }
        calls[place].call.arguments += piece
        events.append(.toolCallArgumentsDelta(index: place, piece))
    }

    /// Ends a call; `arguments` is all of them where the dialect repeats it, and counts if no piece has come.
    mutating func finish(_ key: Int, arguments: String? = nil, into events: inout [InferenceEvent]) {
        guard let place = calls.firstIndex(where: { $0.key == key && $0.isOpen }) else { return }
        if let arguments, calls[place].call.arguments.isEmpty { append(key, arguments, into: &events) }
        calls[place].isOpen = false
        events.append(.toolCallFinished(index: place, calls[place].call))
    }

    /// Ends all calls that are still open.
    mutating func finishAll(into events: inout [InferenceEvent]) {
        for entry in calls where entry.isOpen { finish(entry.key, into: &events) }
    }
}
