import Dialects
import Inference
import NIOCore
import Providers

/// The place that every attempt has at its provider, and the wait for it.
extension Exchange {
    /// Sends an attempt's request as soon as its provider has a place for it.
    func enter(_ request: UpstreamRequest) {
        guard let limits = attempts?.limits, let state = attempts?.state else { return send(request) }
        if let rest = restBesideOthers() { return fail(rest) }
        if state.enter(limits) { return begin(request, at: state) }
        attempts?.waits += 1
        let number = attempts?.waits
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let entry = state.wait(ownerName, limits) { call in
            eventLoop.execute { bound.value.didHear(call, wait: number) }
        }
        switch entry {
        case .entered: begin(request, at: state)
        case .full(let waiting): fail(AttemptFailure(crowded(limits, waiting), .unasked))
        case .waits(let ticket):
            let now = NIODeadline.now()
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
        let (now, from, targets) = (NIODeadline.now(), attempts.target, attempts.plan.targets)
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

    /// One owner's requests wait behind each other and not in front of everybody else's.
    private var ownerName: String {
        switch identity {
        case .key, .issued: owner.name
        case .anonymous: connection.peer
        }
    }

    private func begin(_ request: UpstreamRequest, at state: ProviderState) {
        guard let attempts else { return }
        let now = NIODeadline.now()
        let credential = attempts.credential
        let pass = state.begin(
            credential,
            isRepetition: attempts.sequence.isRepetition,
            generation: snapshot.generation,
            at: now
        )
        let meter = startedMeter(of: attempts.target)
        self.attempts?.hold = AttemptLoop.Hold(
            state: state,
            credential: credential,
            limits: attempts.limits,
            meter: meter,
            since: now,
            pass: pass
        )
        var request = request
        request.timeouts = attempts.timeouts(request.timeouts, at: now)
        send(request)
        if attempts.mayHedge { planRival(state) }
    }

    /// Counts an attempt at a target where a rule may look at that.
    func startedMeter(of target: RouteTarget) -> TargetLoads.Meter? {
        guard attempts?.plan.rule != nil else { return nil }
        let meter = snapshot.directory.loads.meter(of: target.model, at: target.provider.name)
        meter.didStart()
        return meter
    }

    private func didHear(_ call: ProviderState.Call, wait number: Int?) {
        guard let wait = attempts?.wait, attempts?.waits == number else { return }
        didWait(wait)
        switch call {
        case .granted:
            wait.state.claim(wait.ticket)
            // Those in front may have found out meanwhile that the provider is in trouble.
            guard let rest = restBesideOthers() else { return begin(wait.request, at: wait.state) }
            wait.state.leave(wait.limits)
            fail(rest)
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
        record.waitedMicroseconds += Int((NIODeadline.now() - wait.since).nanoseconds / 1_000)
    }

    private func failCrowded() {
        guard let limits = attempts?.limits, let state = attempts?.state else { return }
        fail(AttemptFailure(crowded(limits, state.load(at: .now()).waiting), .unasked))
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
        }
        guard let hold = attempts?.hold else { return }
        attempts?.hold = nil
        if let pass = hold.pass { hold.state.end(hold.credential, pass, result, hold.limits, at: .now()) }
        hold.meter?.didEnd()
        hold.state.leave(hold.limits)
    }

    /// The first content goes down: nothing is tried again from here on, and what it would have needed is let go.
    func didAnswer() {
        body = ByteBuffer()
        dropRival()
        guard record.outcome == .ok, let hold = attempts?.hold else { return }
        let time = NIODeadline.now() - hold.since
        hold.meter?.firstToken(after: Double(time.nanoseconds) / 1e6)
        if attempts?.plan.policy.hedges == true { hold.state.note(firstToken: .nanoseconds(time.nanoseconds)) }
        guard let pass = hold.pass, !pass.isPlain else { return }
        // Others wait for what a probe finds, and its answer may take minutes.
        hold.state.end(hold.credential, pass, .success(()), hold.limits, at: .now())
        attempts?.hold?.pass = pass.asPlain
    }
}
