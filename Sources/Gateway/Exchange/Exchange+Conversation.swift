import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A request of a Responses conversation: what came before it, and what is kept of it.
extension Exchange {
    var owner: Owner { snapshot.authenticator.owner(of: identity) }

    /// Finds what the request continues, then sends it on.
    func attemptTurn(
        _ decision: RouteTarget,
        _ passage: Passage,
        _ facts: RequestFacts
    ) throws(Refusal) {
        let members: TurnMembers
        do throws(InferenceError) { members = try TurnMembers(facts.index, in: body) } catch { throw Refusal(error) }
        let isAtProvider = passage == .bytes && decision.provider.isKeeper
        guard !members.isBackground || isAtProvider else {
            throw Refusal(.backgroundUnsupported, field: "background")
        }
        bill.isBackground = members.isBackground
        if bill.isBackground, bill.answer.tokens == 0 { bill.answer.tokens = likely(facts, at: decision).output }
        let keeps = route == .responses
        turn = ConversationTurn(
            previous: members.previousResponseID,
            input: keeps && members.stores ? ItemRun.input(of: members, in: body) : ByteBuffer(),
            stores: keeps && members.stores,
            isAtProvider: isAtProvider
        )
        let request = TurnRequest(decision: decision, passage: passage, facts: facts, members: members)
        guard let previous = members.previousResponseID else { return try go(on: request, behind: History()) }
        if let past = attempts?.past { return try go(on: request, past) }
        if let remembered = connection.history(of: previous) {
            attempts?.past = .here(remembered)
            return try go(on: request, .here(remembered))
        }
        let limit = snapshot.settings.limits.body
        let past = loop.shared.responses.past(of: previous, owner, limit: limit, on: loop.eventLoop)
        whenStored(past) { (exchange, result) throws(Refusal) in
            switch result {
            case .success(let past):
                if case .atProvider(let keeper) = past, exchange.prefer(keeper), let plan = exchange.plan {
                    return try exchange.attempt(plan, facts)
                }
                exchange.attempts?.past = past
                do throws(Refusal) { try exchange.go(on: request, past) } catch {
                    try exchange.attemptAnother(than: error)
                }
            case .failure(.notFound): throw Self.unknownPrevious(previous)
            case .failure(.unavailable): throw Refusal(.storeUnavailable, retryAfter: 1)
            case .failure(.tooLarge): throw Refusal(Self.tooLong)
            }
        }
    }

    /// Goes on when the store has answered, if the exchange is not over by then.
    func whenStored<Value: Sendable>(
        _ answer: EventLoopFuture<Value>,
        _ body: @escaping (Exchange, Result<Value, StoreError>) throws(Refusal) -> Void
    ) {
        answer.assumeIsolated().whenComplete { [self] result in
            guard state.isRouting else { return }
            do throws(Refusal) {
                try body(self, result.mapError { $0 as? StoreError ?? .unavailable })
            } catch {
                refuse(error)
            }
        }
    }

    /// Sends the request on behind what was found of its conversation; what a provider keeps is only to be had there.
    private func go(on request: TurnRequest, _ past: Past) throws(Refusal) {
        switch past {
        case .here(let history): try go(on: request, behind: history)
        case .atProvider(request.decision.provider.name) where turn?.isAtProvider == true:
            try go(on: request, behind: History(), keepsPreviousID: true)
        case .atProvider: throw Self.unknownPrevious(request.members.previousResponseID ?? "")
        }
    }

    /// Sends the request on with all that came before it; `keepsPreviousID` is for a provider that has it.
    private func go(
        on request: TurnRequest,
        behind history: History,
        keepsPreviousID: Bool = false
    ) throws(Refusal) {
        guard body.readableBytes + history.bytes <= snapshot.settings.limits.body else {
            throw Refusal(Self.tooLong)
        }
        if self.history.isEmpty {
            try reserve(history.bytes)
            reserve(past: history.bytes)
        }
        let isFirst = self.history.isEmpty
        self.history = history
        if isFirst, !isWarmUp { try reserveBudgets(past: history.bytes, request.decision, request.facts) }
        let compactions = Compactions(
            seal: loop.shared.seal,
            owner: owner,
            providerUnderstands: turn?.isAtProvider ?? false
        )
        let opened = try compactions.opened(history)
        var own = Compactions.Changes()
        if let input = request.members.input, input.kind == .array,
            let array = body.getSlice(at: body.readerIndex + input.value.lowerBound, length: input.value.count)
        {
            own = try compactions.changes(in: array)
        }
        var edits = ContinuedRequest(
            request.members,
            request.facts.index,
            in: body,
            behind: opened,
            keepsPreviousID: keepsPreviousID || request.passage != .bytes
        ).edits
        edits += own.edits.map { BodyEdit($0.moved(by: request.members.input?.value.lowerBound ?? 0)) }
        let isCompaction = route == .compact ? turn?.isAtProvider != true : route == .responses && own.trigger != nil
        if isCompaction { return try compact(request, edits, trigger: own.trigger, behind: opened) }
        try pass(request.decision, request.passage, request.facts, edits: edits)
    }

    private static func unknownPrevious(_ id: String) -> Refusal {
        let message = "Previous response with id '\(id.prefix(100))' not found."
        return Refusal(.previousNotFound, message, field: "previous_response_id")
    }

    private static var tooLong: InferenceError {
        InferenceError(
            .contextTooLong,
            "The conversation has more bytes than the gateway takes for one request.",
            field: "previous_response_id"
        )
    }
}

/// What is known of a Responses request before it is known what it continues.
struct TurnRequest {
    let decision: RouteTarget
    let passage: Passage
    let facts: RequestFacts
    let members: TurnMembers
}

extension JSONEdit {
    /// The same in a text that begins so many bytes earlier.
    fileprivate func moved(by offset: Int) -> JSONEdit {
        JSONEdit(range: range.lowerBound + offset..<range.upperBound + offset, replacement: replacement)
    }
}
