import Dialects
import Inference
import NIOCore
import Providers

/// A second attempt beside a first one that is slower than most, where the route wants that.
extension Exchange {
    /// All that belongs to the attempt under way.
    private var lane: AttemptLane {
        get {
            AttemptLane(
                relay: relay,
                startUp: startUp,
                translating: translating,
                embedding: embedding,
                completion: completion,
                turn: turn,
                counted: counted,
                estimatedPrompt: estimatedPrompt,
                streamSettings: streamSettings,
                provider: record.provider,
                model: record.upstreamModel,
                dialect: record.upstreamDialect,
                dropped: record.dropped
            )
        }
        set {
            (relay, startUp, translating) = (newValue.relay, newValue.startUp, newValue.translating)
            (embedding, turn, counted) = (newValue.embedding, newValue.turn, newValue.counted)
            completion = newValue.completion
            (estimatedPrompt, streamSettings) = (newValue.estimatedPrompt, newValue.streamSettings)
            (record.provider, record.upstreamModel) = (newValue.provider, newValue.model)
            (record.upstreamDialect, record.dropped) = (newValue.dialect, newValue.dropped)
        }
    }

    /// Has a rival start when the attempt that has just begun takes longer than nineteen of twenty did.
    func planRival(_ provider: ProviderState) {
        guard attempts?.rival == nil, attempts?.hedge == nil, let wait = provider.usualFirstToken else { return }
        attempts?.hedge = loop.schedule(in: wait) { [self] in
            attempts?.hedge = nil
            startRival()
        }
    }

    private func startRival() {
        guard let attempts, attempts.rival == nil, upstream != nil, !hasAnswered, !self.state.isSettled,
            !hasPromised
        else { return }
        let now = loop.now
        let targets = attempts.plan.targets
        let place = attempts.sequence.rival { place in
            standing(of: targets[place], at: now) == .ready && targets[place].takes(.timedOut)
        }
        let (provider, state) = (targets[place].provider, targets[place].state)
        // It is one more request than was asked for, and counts like a repetition, if it is sent.
        guard state.enter(provider.limits) else { return }
        guard let (request, lane, endpoint) = draft(place),
            state.takeRetry(provider.credentialIndex, provider.limits, at: now)
        else { return state.leave(provider.limits) }
        let pass = state.begin(
            provider.credentialIndex,
            isRepetition: true,
            generation: snapshot.generation,
            at: now
        )
        let hold = AttemptHold(on: targets[place], pass, at: now)
        let rival = RivalAttempt(of: self, at: place, lane, hold, endpoint: endpoint)
        self.attempts?.rival = rival
        self.attempts?.sequence.didStartRival()
        record.attempts += 1
        var bounded = request
        bounded.timeouts = attempts.timeouts(request.timeouts, at: now)
        rival.upstream = loop.pool.start(bounded, responder: rival)
    }

    /// The request for another target, written without disturbing the attempt under way.
    private func draft(_ place: Int) -> (UpstreamRequest, AttemptLane, Endpoint)? {
        let (saved, savedRecord, savedAnswer) = (lane, record, bill.answer)
        defer {
            lane = saved
            record = savedRecord
            bill.answer = savedAnswer
            attempts?.drafting = nil
        }
        (relay, startUp, translating, embedding, turn, counted) = (.none, nil, nil, nil, nil, nil)
        attempts?.drafting = .empty
        do throws(Refusal) { try attempt(at: place) } catch { return nil }
        guard case .written(let request)? = attempts?.drafting, let endpoint = laneEndpoint else { return nil }
        return (request, lane, endpoint)
    }

    /// In which way the provider answers that the lane leads to.
    private var laneEndpoint: Endpoint? { translating?.dialect.conversation ?? route?.endpoint }

    /// The rival has come to its first content before the first attempt: it takes its place.
    func rivalDidBegin(_ rival: RivalAttempt) {
        guard attempts?.rival === rival, !hasAnswered, !state.isSettled else { return }
        guard !hasPromised else { return dropRival() }
        let now = loop.now
        attempts?.hold?.didLose(at: now)
        if let attempts, let hold = attempts.hold {
            account(for: loss, at: attempts.target, laneEndpoint, since: hold.since)
        }
        release(nil)
        noteTried("cancelled")
        adopt(rival)
    }

    /// Goes on with the rival alone.
    func adopt(_ rival: RivalAttempt) {
        upstream?.cancel()
        lane = rival.lane
        record.upstreamStatus = nil
        record.usage = Usage()
        attempts?.rival = nil
        attempts?.sequence.take(rival.place)
        attempts?.hold = rival.hold
        upstream = rival.upstream
        rival.win()
    }

    /// The rival came to nothing; the first attempt goes on.
    func rivalDidFail(_ failure: AttemptFailure) {
        dropRival(.failure(failure), outcome: failure.error.code.rawValue)
    }

    /// The first attempt has begun to answer, or all is over.
    func dropRival(_ result: Result<Void, AttemptFailure>? = nil, outcome: String = "cancelled") {
        attempts?.hedge?.cancel()
        attempts?.hedge = nil
        guard let rival = attempts?.rival else { return }
        attempts?.rival = nil
        // One that has failed costs no more than any other attempt that does.
        let loss = result == nil ? rival.loss : nil
        rival.upstream?.cancel()
        let now = loop.now
        rival.hold.end(result, at: now)
        let tried = ExchangeRecord.Tried(
            provider: rival.lane.provider ?? "",
            model: rival.lane.model,
            outcome: outcome,
            microseconds: Int((now - rival.hold.since).nanoseconds / 1_000)
        )
        record.tried.append(tried)
        guard let target = attempts?.plan.targets[rival.place] else { return }
        account(for: loss, at: target, rival.endpoint, since: rival.hold.since)
    }

    /// What the attempt under way has come to, which is given up before its first content; nil where it was never sent.
    private var loss: SideAccount.Ending? {
        guard upstream?.writtenAt != nil || record.upstreamStatus != nil else { return nil }
        var ending = SideAccount.Ending.cancelled
        ending.status = record.upstreamStatus ?? 0
        if case .stream(let stream) = relay { ending.usage = stream.observer.usage ?? Usage() }
        if let usage = translating?.usage { ending.usage = usage }
        return ending
    }

    /// Accounts for an attempt that is given up, whose provider may have worked on it all the same.
    private func account(
        for loss: SideAccount.Ending?,
        at target: RouteTarget,
        _ endpoint: Endpoint?,
        since: NIODeadline
    ) {
        guard let loss, let endpoint else { return }
        var nothing: BudgetReservation? = nil
        SideAccount(.hedge, of: self, at: target, endpoint, since: since, images: bill.images).settle(loss, &nothing)
    }
}

extension Dialect {
    /// Where a provider that speaks it answers a conversation.
    var conversation: Endpoint {
        switch self {
        case .chat: .chatCompletions
        case .responses: .responses
        case .messages: .messages
        case .ollama: .ollamaChat
        }
    }
}
