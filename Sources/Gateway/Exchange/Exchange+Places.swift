import Dialects
import Inference
import NIOCore
import Providers

/// The place that every attempt has at its provider, and the wait for it.
extension Exchange {
    /// Sends an attempt's request as soon as its provider has a place for it.
    func enter(_ request: consuming UpstreamRequest) {
        guard let limits = attempts?.limits, let state = attempts?.target.state else { return send(request) }
        if let rest = restBesideOthers() { return fail(rest) }
        if state.enter(limits) { return begin(request) }
        attempts?.waits += 1
        let number = attempts?.waits
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let entry = state.wait(ownerName, of: identity.principal?.tenant, limits) { call in
            eventLoop.execute { bound.value.didHear(call, wait: number) }
        }
        switch entry {
        case .entered: begin(request)
        case .full(let waiting): fail(AttemptFailure(crowded(limits, waiting), .unasked))
        case .waits(let ticket):
            let now = loop.now
            let end = min(now + TimeAmount(limits.queue.timeout), attempts?.end ?? .distantFuture)
            let wait = AttemptLoop.Wait(
                ticket: ticket,
                state: state,
                limits: limits,
                request: request,
                since: now,
                end: end
            )
            attempts?.wait = wait
        }
    }

    /// Why the request goes elsewhere, where its provider rests by now and another target does not; alone it is asked all the
    /// same.
    private func restBesideOthers() -> AttemptFailure? {
        guard let attempts, attempts.plan.targets.count > 1 else { return nil }
        let (now, from, targets) = (loop.now, attempts.target, attempts.plan.targets)
        guard case .resting(_, _, let cause) = standing(of: from, at: now) else { return nil }
        let message = "Provider \(record.provider ?? "") is left alone for a while, as it keeps failing."
        let error = InferenceError(cause, message)
        let hasOther = attempts.sequence.hasOther(
            for: error,
            standing: { standing(of: targets[$0], at: now) },
            leads: { leads(from: from, to: targets[$0], $1) }
        )
        return hasOther ? AttemptFailure(error, .unasked) : nil
    }

    /// One owner's requests wait behind each other and not in front of everybody else's; a tenant's owners take turns in its
    /// turns.
    private var ownerName: String {
        switch identity {
        case .anonymous: connection.peer
        default: owner.name
        }
    }

    /// Sends the request of an attempt that has its place.
    private func begin(_ request: consuming UpstreamRequest) {
        guard let attempts else { return }
        let (now, target) = (loop.now, attempts.target)
        guard let pass = terms(of: attempts, at: now) else { return }
        self.attempts?.hold = AttemptHold(on: target, pass, at: now)
        request.timeouts = attempts.timeouts(request.timeouts, at: now)
        send(request)
        if attempts.mayHedge { planRival(target.state) }
    }

    /// The terms of the attempt; nil where its provider rests by now, or somebody on another event loop finds out how it is,
    /// so that the place was given back and the request goes elsewhere.
    private func terms(of attempts: AttemptLoop, at now: NIODeadline) -> ProviderState.Pass? {
        let (target, isRepetition) = (attempts.target, attempts.sequence.isRepetition)
        let (state, credential) = (target.state, target.provider.credentialIndex)
        if attempts.plan.targets.count > 1 {
            let pass = state.beginUnlessResting(
                credential,
                isRepetition: isRepetition,
                generation: snapshot.generation,
                at: now
            )
            if let pass { return pass }
            if let rest = restBesideOthers() {
                state.leave(attempts.limits)
                fail(rest)
                return nil
            }
        }
        return state.begin(credential, isRepetition: isRepetition, generation: snapshot.generation, at: now)
    }

    private func didHear(_ call: ProviderState.Call, wait number: Int?) {
        guard let wait = attempts?.wait, attempts?.waits == number else { return }
        didWait(wait)
        switch call {
        case .granted:
            wait.state.claim(wait.ticket)
            begin(wait.request)
        case .displaced: failCrowded()
        }
    }

    /// No place became free in time.
    func didWaitInVain(_ wait: AttemptLoop.Wait) {
        wait.state.withdraw(wait.ticket, wait.limits)
        didWait(wait)
        failCrowded()
    }

    private func didWait(_ wait: AttemptLoop.Wait) {
        attempts?.wait = nil
        let time = loop.now - wait.since
        record.waitedMicroseconds += Int(time.nanoseconds / 1_000)
        loop.metrics?.noteWait(time, for: record.provider ?? "", of: record)
    }

    private func failCrowded() {
        guard let attempts else { return }
        fail(AttemptFailure(crowded(attempts.limits, attempts.target.state.load(at: loop.now).waiting), .unasked))
    }

    /// All places are taken: told with about the time in which it can be otherwise, a second for each turn of all places.
    private func crowded(_ limits: ProviderLimits, _ waiting: Int) -> InferenceError {
        let places = max(1, limits.concurrency ?? 1)
        return InferenceError(
            .overloaded,
            "Provider \(record.provider ?? "") works on \(places) requests, which is all it may, and \(waiting) wait.",
            retryAfter: Double(min(60, 1 + waiting / places))
        )
    }

    /// The attempt is over: its place is free again, and its provider is judged by how it ended; nil for one that was
    /// given up.
    func release(_ result: Result<Void, AttemptFailure>?) {
        if let wait = attempts?.wait {
            attempts?.wait = nil
            wait.state.withdraw(wait.ticket, wait.limits)
            loop.metrics?.noteWait(loop.now - wait.since, for: record.provider ?? "", of: record)
        }
        guard let hold = attempts?.hold else { return }
        attempts?.hold = nil
        let now = loop.now
        hold.end(result, at: now)
        noteTime(of: hold, at: now)
    }

    /// Puts on the record how long an attempt took; of two that ran beside each other the time counts once.
    private func noteTime(of hold: AttemptHold, at now: NIODeadline) {
        let end = hold.endedAt ?? now
        record.attemptMicroseconds = Int((end - hold.since).nanoseconds / 1_000)
        let since = max(hold.since, attempts?.askedUntil ?? hold.since)
        let time = max(0, (end - since).nanoseconds) / 1_000
        record.upstreamMicroseconds = (record.upstreamMicroseconds ?? 0) + Int(time)
        attempts?.askedUntil = max(end, since)
    }

    /// The first content goes down: nothing is tried again from here on, and what it would have needed is let go.
    func didAnswer() {
        body = ByteBuffer()
        dropRival()
        guard record.outcome == .ok else { return }
        let notesTime = attempts?.plan.policy.hedges == true
        let now = loop.now
        attempts?.hold?.didAnswer(at: now, notesTime: notesTime)
    }
}
