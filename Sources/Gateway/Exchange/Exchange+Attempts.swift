import Dialects
import Inference
import NIOCore
import Providers

/// The attempts of an exchange: which target comes first, and what follows a failure.
extension Exchange {
    /// Sends the request to the first target of the plan that is well.
    func attempt(_ plan: RoutePlan, _ facts: RequestFacts) throws(Refusal) {
        guard route != nil else { return }
        let now = loop.now
        let attempts = AttemptLoop(plan, facts, limit: try wantedTimeout(), since: begun)
        let first = attempts.sequence.first {
            standing(of: plan.targets[$0], at: now)
        } leads: {
            plan.targets[$0].takes($1)
        }
        try reserve(plan.targets[first], facts)
        // A copy costs money too: where none may be spent none goes out. The refusal itself is told by the attempt.
        if plan.shadow != nil, (try? reserveBudgets(plan.targets[first], facts)) != nil { castShadow(of: plan, facts) }
        self.attempts = attempts
        record.attempts = 1
        do throws(Refusal) { try attempt(at: first) } catch { try attemptAnother(than: error) }
    }

    /// Goes on with the next target where the first one cannot be asked what was asked; throws what the last one of all says.
    func attemptAnother(than refusal: Refusal) throws(Refusal) {
        var refusal = refusal
        while state.isRouting, !refusal.closes {
            let code = InferenceError.Code(rawValue: refusal.body.code) ?? .invalidRequest
            let failure = AttemptFailure(InferenceError(code, refusal.body.message), .unasked)
            guard case .attempt(let place, _) = skipStep(after: failure) else { break }
            letGo()
            do throws(Refusal) { return try attempt(at: place) } catch { refusal = error }
        }
        throw refusal
    }

    func attempt(at place: Int) throws(Refusal) {
        guard let route, let attempts else { return }
        let target = attempts.plan.targets[place]
        record.provider = target.provider.name
        record.upstreamModel = target.model
        try reserveBudgets(target, attempts.facts)
        let passage = try passage(of: route, to: target)
        guard attempts.facts.endpoint.dialect != .responses else {
            return try attemptTurn(target, passage, attempts.facts)
        }
        try pass(target, passage, attempts.facts)
    }

    /// What has begun in the caller's stream by our own words cannot be gone on with in the bytes of another.
    private func passage(of route: PublicRoute, to target: RouteTarget) throws(Refusal) -> Passage {
        let passage = try Passage(
            of: route,
            to: target.provider,
            speaking: target.dialect,
            masked: masksUpstream
        )
        guard passage == .bytes, translating?.hasPromised == true, let dialect = target.dialect ?? route.dialect else {
            return passage
        }
        return .translation(dialect)
    }

    // MARK: After a failure

    /// Whether a failure now could be followed by another attempt, so that all that it needs has to be kept.
    var mayRepeat: Bool { !hasAnswered && (attempts?.sequence.mayGoOn == true || attempts?.mayHedge == true) }

    /// Whether the head and the first events of a stream are held back, so that a failure among them has a status or
    /// another attempt.
    var holdsBack: Bool { attempts?.isResilient == true }

    /// Whether the client's stream has begun with our own words, in ids that only a later attempt can keep.
    var hasPromised: Bool { translating?.hasPromised == true }

    /// Whether content has reached the client, behind which nothing is tried again.
    var hasAnswered: Bool { record.firstByteMicroseconds != nil }

    /// Has another attempt take the place of the one that failed; false where the failure stands, which is the caller's to
    /// tell then.
    func recovers(from failure: AttemptFailure) -> Bool {
        guard attempts != nil else { return false }
        release(.failure(failure))
        guard !hasAnswered, !state.isSettled else { return false }
        if let rival = attempts?.rival, failure.remedy(repeatsSent: true) != .nothing, !hasPromised {
            noteTried(failure.error.code.rawValue)
            adopt(rival)
            return true
        }
        dropRival()
        var step = nextStep(after: failure)
        while case .attempt(let place, let wait) = step {
            let before = record
            note(failure, leadsTo: place)
            letGo()
            if wait > .zero {
                pause(for: wait)
                return true
            }
            do throws(Refusal) {
                try attempt(at: place)
                return true
            } catch {
                // This target cannot be asked what was asked.
                guard !state.isSettled else { return true }
                record = before
                step = skipStep(after: failure)
            }
        }
        return false
    }

    private func nextStep(after failure: AttemptFailure) -> AttemptSequence.Step {
        guard let attempts else { return .end }
        let now = loop.now
        let (from, targets) = (attempts.target, attempts.plan.targets)
        return attempts.sequence.next(
            after: failure,
            remaining: attempts.remaining(at: now),
            standing: { standing(of: targets[$0], at: now) },
            leads: { leads(from: from, to: targets[$0], $1) },
            mayRetry: { mayRetry(at: from, now) },
            using: &loop.dice
        )
    }

    private func skipStep(after failure: AttemptFailure) -> AttemptSequence.Step {
        guard let attempts else { return .end }
        let now = loop.now
        let (from, targets) = (attempts.target, attempts.plan.targets)
        return attempts.sequence.skip(
            after: failure,
            standing: { standing(of: targets[$0], at: now) },
            leads: { leads(from: from, to: targets[$0], $1) }
        )
    }

    func standing(of target: RouteTarget, at now: NIODeadline) -> CircuitBreaker.Standing {
        target.state.standing(of: target.provider.credentialIndex, at: now)
    }

    private func mayRetry(at target: RouteTarget, _ now: NIODeadline) -> Bool {
        target.state.takeRetry(target.provider.credentialIndex, target.provider.limits, at: now)
    }

    /// Whether a target takes over for a failure of another one.
    func leads(from: RouteTarget, to target: RouteTarget, _ error: InferenceError) -> Bool {
        if target.takes(error.code) { return true }
        guard error.code == .contextTooLong, target.causes == nil, let window = window(of: target) else { return false }
        return self.window(of: from).map { window > $0 } ?? false
    }

    private func window(of target: RouteTarget) -> Int? { profile(of: target).window }

    /// What is known of a target's model.
    func profile(of target: RouteTarget) -> ModelProfile {
        let directory = snapshot.directory
        return ModelProfile(
            target.model,
            of: target.provider,
            isOllama: target.dialect == .ollama || directory.table.isOllama(target.provider),
            known: directory.catalogModel(target.model, of: target.provider.name),
            models: snapshot.settings.knownModels
        )
    }

    /// Forgets all of an attempt that came to nothing.
    private func letGo() {
        upstream?.cancel()
        upstream = nil
        relay = .none
        startUp = nil
        if translating?.hasPromised != true { translating = nil }
        embedding = nil
        completion = nil
        turn = nil
        counted = nil
        estimatedPrompt = nil
        record.upstreamStatus = nil
        record.upstreamDialect = nil
        record.dropped = nil
        record.usage = Usage()
    }

    private func pause(for wait: Duration) {
        record.waitedMicroseconds += Int(wait / .microseconds(1))
        attempts?.pause = loop.schedule(in: wait) { [self] in
            attempts?.pause = nil
            guard !state.isSettled, let place = attempts?.sequence.current else { return }
            do throws(Refusal) { try attempt(at: place) } catch {
                if state.isRelaying {
                    giveUp(InferenceError(.upstreamFailed, error.body.message))
                } else {
                    refuse(error)
                }
            }
        }
    }

    private func note(_ failure: AttemptFailure, leadsTo place: Int) {
        guard let attempts else { return }
        noteTried(failure.error.code.rawValue)
        record.attempts = attempts.sequence.attempts
        record.retries = attempts.sequence.retries
        let isRetry = attempts.sequence.isRepetition
        if !isRetry, record.fallbackCause == nil { record.fallbackCause = failure.error.code.rawValue }
    }

    /// Puts the attempt that is over on the record as one that came to nothing.
    func noteTried(_ outcome: String) {
        let tried = ExchangeRecord.Tried(
            provider: record.provider ?? "",
            model: record.upstreamModel,
            outcome: outcome,
            microseconds: record.attemptMicroseconds
        )
        record.tried.append(tried)
        record.attemptMicroseconds = nil
    }

    // MARK: Deadlines

    /// What the caller allows for everything together: `x-torii-timeout`.
    func wantedTimeout() throws(Refusal) -> Duration? {
        guard let text = caller.timeout else { return nil }
        guard let timeout = TimeoutField.duration(text) else {
            throw Refusal(
                .badHeader,
                "x-torii-timeout is no duration such as 500ms, 30s or 5m, or a number of seconds.",
                field: "x-torii-timeout"
            )
        }
        return timeout
    }

    /// Ends an attempt whose stream has not begun to answer in time, and a wait that has lasted too long.
    func checkAttempt(_ now: NIODeadline) {
        if let wait = attempts?.wait, now >= wait.end { return didWaitInVain(wait) }
        guard let limit = attempts?.plan.policy.deadlines.firstToken, record.streamed, !hasAnswered,
            let written = upstream?.writtenAt, now >= written + TimeAmount(limit)
        else { return }
        let error = InferenceError(
            .timedOut,
            "Provider \(record.provider ?? "") did not come to its first word in time."
        )
        fail(AttemptFailure(error, .wire(.firstByteTimedOut, sent: true)))
    }
}
