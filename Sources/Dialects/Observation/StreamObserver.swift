package import Inference
import JSON

/// Watches one response's event stream as it passes through the gateway.
///
/// It tells how much of each chunk may go on, notes usage, the first token and how the stream ended, and keeps nothing
/// but the unfinished event. Most events are never parsed: a few bytes decide whether one can matter.
package struct StreamObserver: Sendable {
    /// How the stream stands.
    package enum Outcome: Sendable, Hashable {
        case running
        /// The terminal event came and told of success, or of an answer cut short by its own limits.
        case completed
        /// The upstream told of its failure in an event of its own, which is passed on; the caller knows.
        case failed(InferenceError)
        /// The stream broke its dialect or ended too early; the caller has to be told with a `TerminalEvent`.
        case broken(InferenceError)

        /// Whether nothing may follow.
        var hasFailed: Bool {
            switch self {
            case .running, .completed: false
            case .failed, .broken: true
            }
        }

        /// The failure, whoever tells the caller of it.
        package var error: InferenceError? {
            switch self {
            case .running, .completed: nil
            case .failed(let error), .broken(let error): error
            }
        }
    }

    /// What of one chunk may go on.
    package struct Portion: Sendable, Hashable {
        /// Whole events reach up to this offset of the chunk.
        ///
        /// While it is 0, everything held stays held; otherwise what was held goes first, unless `removesHeld`.
        package var wholeBytes: Int
        /// Parts of `0..<wholeBytes` that are not for the caller, in order.
        package var removed: [Range<Int>] = []
        /// What was held belongs to an event that is not for the caller.
        package var removesHeld = false
    }

    /// What to do with the bytes that are still held when the upstream has ended.
    package enum HeldTail: Sendable, Hashable {
        /// Nothing is held, or what is held has to be dropped.
        case nothing
        /// The last event lacks only its blank line: pass it on with these bytes behind it.
        case passOn(closing: String)
    }

    /// What the gateway did to the request that the observer has to undo in the response.
    package struct Settings: Sendable, Hashable {
        /// Take out the Chat chunk that holds nothing but usage, because the caller did not ask for it.
        package var stripsUsageChunk: Bool
        /// The most bytes that one event may have.
        package var eventLimit: Int
        /// Keep the response object of a Responses stream that ends well.
        package var keepsResponse = false
        /// Check the JSON of every event and not only of those that are read; the others are looked at from both ends.
        package var checksEveryEvent: Bool

        package init(stripsUsageChunk: Bool = false, eventLimit: Int = 16 << 20, checksEveryEvent: Bool = false) {
            self.stripsUsageChunk = stripsUsageChunk
            self.eventLimit = eventLimit
            self.checksEveryEvent = checksEveryEvent
        }
    }

    package let endpoint: Endpoint
    package let settings: Settings
    /// The numbers seen so far; partial while the outcome is not `completed`.
    package internal(set) var usage: Usage?
    package internal(set) var outcome = Outcome.running
    /// Whether any text, reasoning or tool call of the answer has come.
    package internal(set) var sawFirstToken = false
    /// The model as the upstream names it.
    package internal(set) var model: String?
    /// What a made-up `response.failed` has to repeat; filled only for Responses.
    package internal(set) var response = TerminalEvent.Response()
    /// The whole response object, where it was to be kept and the stream has ended well.
    var keptResponse: [UInt8]?
    /// The finished items so far, where the response is to be kept; some servers leave them out of its last event.
    var keptItems: [[UInt8]] = []
    /// Events with data, the terminal one included.
    package internal(set) var events = 0
    private var parser: ServerSentEvents
    /// For Ollama, whose streams are lines.
    var lines: NewlineDelimited

    package init(_ endpoint: Endpoint, settings: Settings = Settings()) {
        self.endpoint = endpoint
        self.settings = settings
        parser = ServerSentEvents(limit: settings.eventLimit)
        lines = NewlineDelimited(limit: settings.eventLimit)
    }

    /// Hands over the whole response object, once, where it was to be kept and the stream has ended well.
    package mutating func takeKeptResponse() -> [UInt8]? {
        defer { keptResponse = nil }
        return keptResponse
    }

    /// Reads one received chunk.
    ///
    /// After an outcome other than `running` or `completed` nothing more goes on: the portion ends with the failed
    /// event, or before the broken one, and is empty from then on.
    package mutating func observe(_ chunk: RawSpan) -> Portion {
        chunk.withUnsafeBytes { observe($0) }
    }

    /// The same for bytes lent as a buffer pointer.
    package mutating func observe(_ chunk: UnsafeRawBufferPointer) -> Portion {
        guard !outcome.hasFailed else { return Portion(wholeBytes: 0) }
        if endpoint.dialect == .ollama { return observeLines(chunk) }
        var portion = Portion(wholeBytes: 0)
        do throws(InferenceError) {
            var parser = lendParser()
            defer { self.parser = parser }
            portion.wholeBytes = try parser.scan(chunk) { (event) throws(InferenceError) in
                let isKept = try self.take(event)
                if !isKept { portion.remove(event) }
                portion.wholeBytes = event.position.upperBound
                if case .failed(let error) = outcome { throw error }
            }
        } catch {
            if !outcome.hasFailed { outcome = .broken(error) }
        }
        return portion
    }

    /// Tells the observer that the upstream's body has ended.
    ///
    /// An end without the terminal event makes the outcome `broken` with `interrupted`.
    package mutating func finish() -> HeldTail {
        guard !outcome.hasFailed else { return .nothing }
        var tail = HeldTail.nothing
        do throws(InferenceError) {
            if endpoint.dialect == .ollama {
                if try finishLines() { tail = .passOn(closing: "\n") }
            } else {
                var isKept = false
                var parser = lendParser()
                let hadEvent = try parser.finish { (event) throws(InferenceError) in isKept = try self.take(event) }
                if hadEvent, isKept { tail = .passOn(closing: "\n\n") }
            }
        } catch {
            // Half an event is an interruption, not a breach of the dialect.
            outcome = .broken(Self.interrupted)
        }
        if case .running = outcome { outcome = .broken(events == 0 ? Self.empty : Self.interrupted) }
        return tail
    }

    /// The parser, taken out so that its events can change everything else.
    private mutating func lendParser() -> ServerSentEvents {
        let parser = self.parser
        self.parser = ServerSentEvents(limit: 0)
        return parser
    }

    /// Reads one event; false if it is not for the caller.
    private mutating func take(_ event: ServerSentEvent) throws(InferenceError) -> Bool {
        if case .completed = outcome { return true }
        switch endpoint {
        case .chatCompletions, .completions, .embeddings: return try takeChat(event)
        case .responses, .inputTokens: try takeResponses(event)
        case .messages, .countTokens: try takeMessages(event)
        // Ollama's own streams are lines, never events.
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings: break
        }
        return true
    }

    private static var interrupted: InferenceError {
        InferenceError(.interrupted, "The upstream's stream ended before its terminal event.")
    }

    private static var empty: InferenceError {
        InferenceError(.interrupted, "The upstream's stream ended without a single event.", detail: "empty_stream")
    }
}

extension StreamObserver.Portion {
    fileprivate mutating func remove(_ event: ServerSentEvent) {
        if event.isContinued { removesHeld = true }
        removed.append(event.position)
    }
}
