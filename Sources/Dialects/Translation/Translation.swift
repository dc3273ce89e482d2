package import Inference
import JSON

/// One exchange across dialects: a caller's request turned into a provider's, and the way back for its answer.
package struct Translation: Sendable {
    package let caller: CallerRequest
    /// The request as it goes onto the provider's wire.
    package let wire: WireRequest
    /// Every hint that was left out, by the caller's name for it, each once: for `x-torii-dropped`.
    package let dropped: [String]
    private let folding: ToolFolding
    private let provider: String

    /// Turns a caller's request into one for `provider`, which speaks `dialect` and is asked for `model`.
    ///
    /// The caller's request must be complete: what `previous_response_id` names is in its messages already.
    ///
    /// - Throws: `invalidRequest` that names what the provider's dialect cannot say and what must not be left out.
    package init(
        _ caller: CallerRequest,
        to dialect: Dialect,
        provider: String,
        model: String
    ) throws(InferenceError) {
        self.caller = caller
        self.provider = provider
        var request = caller.request
        request.model = model
        var dropped = caller.dropped
        request.rest = try Self.rest(of: caller, at: dialect, &dropped)
        ReasoningSeal.open(&request.messages, for: provider, &dropped)
        do throws(InferenceError) {
            folding = try ToolFolding(folding: &request, for: dialect, &dropped)
            wire = try WireRequest(request, dialect: dialect)
        } catch {
            throw CallerWords.translate(error, for: caller)
        }
        self.dropped = CallerWords.list(dropped + wire.dropped, for: caller)
    }

    /// The way back: bytes of the provider's dialect to bytes of the caller's.
    ///
    /// `encoder` makes another answer of it than the caller's endpoint usually gives; `rewriter` changes the provider's events
    /// before anything else is made of them.
    package func answer(
        requestID: String,
        createdAt: Int,
        limit: Int,
        rewriter: (any EventRewriter)? = nil,
        encoder: (AnswerContext) -> any AnswerEncoder = { $0.encoder() }
    ) -> AnswerTranslator {
        let context = AnswerContext(
            caller: caller,
            requestID: requestID,
            model: caller.request.model,
            createdAt: createdAt
        )
        return AnswerTranslator(
            dialect: wire.dialect,
            streamed: caller.request.stream,
            limit: limit,
            encoder: encoder(context),
            unfolding: folding.unfolding(requestID: requestID),
            seal: ReasoningSeal(provider: provider, caller: caller.endpoint.dialect),
            rewriter: rewriter
        )
    }

    /// The members that the hub has no name for and that the provider's dialect knows by the same one.
    private static func rest(
        of caller: CallerRequest,
        at dialect: Dialect,
        _ dropped: inout [String]
    ) throws(InferenceError) -> JSONObject {
        let rules = MemberRule.rules(of: caller.endpoint.dialect)
        var kept = JSONObject()
        for member in caller.request.rest.members {
            guard let rule = rules.first(where: { $0.name == member.key }) else {
                throw .cannotCarry("The member \(member.key)", dialect, field: member.key)
            }
            if member.value == .null || rule.defaults.contains(member.value) { continue }
            switch rule.fate(at: dialect) {
            case .carried: kept[member.key] = member.value
            case .hint: dropped.append(member.key)
            case .refused: throw .cannotCarry("The member \(member.key)", dialect, field: member.key)
            }
        }
        return kept
    }
}

/// Changes what a provider's events say on their way to the caller, one after the other.
package protocol EventRewriter: Sendable {
    /// The events in the place of these; what is held back comes with later ones, before the part of the answer ends that
    /// it belongs to.
    mutating func rewrite(_ events: [InferenceEvent]) -> [InferenceEvent]
}

/// Turns the bytes of a provider's answer into those of the caller's dialect, as they come.
package struct AnswerTranslator: Sendable {
    private let dialect: Dialect
    private let limit: Int
    private var decoder: any EventDecoder
    private var encoder: any AnswerEncoder
    private var unfolding: ToolUnfolding
    private let seal: ReasoningSeal
    private var rewriter: (any EventRewriter)?
    private var output = JSONWriter()
    /// Whether a call was read out of the provider's own complaint about it, behind which nothing counts.
    private var isRescued = false
    /// What was read out of it before the body's end.
    private var rescued: [UInt8] = []
    /// How many bytes the last events made, which the next ones will need about as well.
    private var lastSize = 256
    /// What the answer has come to, for the record.
    package private(set) var usage: Usage?
    /// Whether anything of the answer itself has come.
    package private(set) var hasBegun = false
    /// Pieces of text, of reasoning and of calls' arguments that have come, most of which have a token or more.
    package private(set) var deltas = 0
    /// Whether the answer is whole.
    package private(set) var isComplete = false

    init(
        dialect: Dialect,
        streamed: Bool,
        limit: Int,
        encoder: any AnswerEncoder,
        unfolding: ToolUnfolding,
        seal: ReasoningSeal,
        rewriter: (any EventRewriter)? = nil
    ) {
        self.dialect = dialect
        self.limit = limit
        decoder = Decoding.decoder(for: dialect, stream: streamed, limit: limit)
        self.encoder = encoder
        self.unfolding = unfolding
        self.seal = seal
        self.rewriter = rewriter
    }

    /// For the caller's `Content-Type`.
    package var contentType: String { encoder.contentType }

    /// The response object of an answer that is whole, in a dialect that has one.
    package var keptResponse: [UInt8]? { encoder.keptResponse }

    /// Says before the first byte how the provider answers, whatever it was asked for: as a stream or with one body.
    package mutating func expect(streamed: Bool) {
        decoder = Decoding.decoder(for: dialect, stream: streamed, limit: limit)
    }

    /// Takes what has arrived and returns what may go down.
    ///
    /// - Throws: the provider's own failure or a breach of its dialect; what came before it was returned by an earlier
    ///   call. `fail` has the last words then.
    package mutating func take(_ bytes: RawSpan) throws(InferenceError) -> [UInt8] {
        guard !isRescued else { return [] }
        let events: [InferenceEvent]
        do throws(InferenceError) { events = try decoder.decode(bytes) } catch { events = try mend(error) }
        return write(events)
    }

    /// Takes an error body with which the provider refused what its own model wrote; false if nothing can be made of it.
    ///
    /// A call whose arguments the provider could not read is mended; `finish` returns it then.
    package mutating func rescue(errorBody: [UInt8]) -> Bool {
        guard let arguments = UnparsableCall.arguments(inBody: errorBody), let events = unfolding.rescue(arguments)
        else { return false }
        isRescued = true
        rescued = write(events)
        return true
    }

    /// The provider's body has ended as its framing says.
    ///
    /// - Throws: `interrupted` where the terminal event has not come.
    package mutating func finish() throws(InferenceError) -> [UInt8] {
        guard !isRescued else {
            defer { rescued = [] }
            return rescued
        }
        let events: [InferenceEvent]
        do throws(InferenceError) { events = try decoder.finish() } catch { events = try mend(error) }
        return write(events)
    }

    /// The events in the place of an error that is no more than a call which the provider could not read.
    private mutating func mend(_ error: InferenceError) throws(InferenceError) -> [InferenceEvent] {
        guard error.detail == UnparsableCall.detail, let arguments = error.cause else { throw error }
        if let events = unfolding.rescue(arguments) {
            isRescued = true
            return events
        }
        // What a model wrote is no one's business but the caller's.
        var plain = error
        plain.cause = nil
        throw plain
    }

    /// The last words of a stream that failed.
    package mutating func fail(_ error: InferenceError) -> [UInt8] {
        encoder.fail(error, into: &output)
        return output.take()
    }

    /// Whether a sign of life begins the caller's stream, if nothing else has.
    package var keepAliveBeginsStream: Bool { encoder.keepAliveBeginsStream }

    /// Goes on with what another answer, which came to nothing, has begun for the caller.
    package mutating func goOn(from other: AnswerTranslator) {
        encoder = other.encoder
    }

    /// What keeps the caller waiting.
    package mutating func keepAlive() -> [UInt8] {
        encoder.keepAlive(into: &output)
        return output.take()
    }

    private mutating func write(_ events: [InferenceEvent]) -> [UInt8] {
        guard !events.isEmpty else { return [] }
        output = JSONWriter(capacity: lastSize)
        for event in unfolding.unfold(rewriter?.rewrite(events) ?? events) {
            let event = seal.close(event)
            note(event)
            encoder.encode(event, into: &output)
        }
        let bytes = output.take()
        lastSize = max(256, min(bytes.count + 64, 16384))
        return bytes
    }

    private mutating func note(_ event: InferenceEvent) {
        switch event {
        case .started: break
        case .usage(let usage): self.usage = usage
        case .finished: (hasBegun, isComplete) = (true, true)
        default:
            hasBegun = true
            deltas += 1
        }
    }
}
