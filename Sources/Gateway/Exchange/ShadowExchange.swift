import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A copy of a request on its way to a second target; whatever comes back is thrown away as it comes, but for what it costs.
///
/// Confined to its event loop, and kept by the pool until it is over.
final class ShadowExchange: UpstreamResponder {
    /// A loop sends no more of them at a time: who is slow to answer copies must not fill the memory with them.
    static let most = 64

    private let loop: LoopContext
    private let hold: AttemptHold
    private let account: SideAccount
    /// What is set aside for it; nil where no budget has to bear it.
    private var budget: BudgetReservation?
    private var answer: SideAnswer
    /// Those of the request, and those that are held of its answer.
    private var bytes: Int
    private var upstream: UpstreamExchange?

    /// A copy that has a place at its provider and room for its bytes already, which it gives back in the end.
    init(
        on loop: LoopContext,
        _ hold: AttemptHold,
        _ account: SideAccount,
        _ answer: SideAnswer,
        bytes: Int,
        budget: consuming BudgetReservation?
    ) {
        self.loop = loop
        self.hold = hold
        self.account = account
        self.answer = answer
        self.bytes = bytes
        self.budget = consume budget
    }

    func start(_ request: UpstreamRequest) {
        loop.shadows += 1
        upstream = loop.pool.start(request, responder: self)
    }

    func upstreamDidReceiveHead(status: Int, fields: Fields) { answer.receiveHead(status: status, fields: fields) }

    func upstreamDidReceiveBody(_ part: ByteBuffer) {
        let size = part.readableBytes
        let isHeld = answer.wants(size) && loop.shared.bodyBudget.take(size)
        if isHeld { bytes += size }
        answer.receive(part, isHeld: isHeld)
    }

    func upstreamDidCompleteRead() {}
    func upstreamDidEnd() { end(answer.ending()) }

    func upstreamDidFail(_ failure: TransportFailure) {
        let wasStopped = failure.kind == .shutDown && upstream?.writtenAt != nil
        end(answer.ending(InferenceError(failure, provider: account.provider), wasStopped: wasStopped))
    }

    private func end(_ ending: SideAccount.Ending) {
        upstream = nil
        loop.shadows -= 1
        loop.shared.bodyBudget.giveBack(bytes)
        hold.end(nil, at: loop.now)
        account.settle(ending, &budget)
    }
}

extension Exchange {
    /// Sends a copy of the request to the plan's shadow, once; nothing that goes wrong there is told to anybody.
    ///
    /// A request that goes on from an earlier response has no copy: what it goes on from is elsewhere. Nor has one
    /// that is worked on behind its answer, where nobody would count what it costs.
    func castShadow(of plan: RoutePlan, _ facts: RequestFacts) {
        guard let target = plan.shadow, !hasShadow, !isWarmUp, loop.shadows < ShadowExchange.most, let route,
            route != .compact, !continues(facts), !worksLater(facts)
        else { return }
        hasShadow = true
        // What cannot be asked there is not asked there.
        guard let (request, endpoint) = try? copy(of: route, for: target, facts) else { return }
        // It may outlive the request itself.
        let bytes = request.body.reduce(0) { $0 + $1.readableBytes }
        // A copy waits for no place, and whoever is in trouble is spared it; nobody is judged by what comes of it.
        guard standing(of: target, at: loop.now) == .ready, loop.shared.bodyBudget.take(bytes) else { return }
        guard target.state.enter(target.provider.limits) else { return loop.shared.bodyBudget.giveBack(bytes) }
        guard let shadow = shadow(at: target, endpoint, facts, bytes: bytes) else {
            target.state.leave(target.provider.limits)
            return loop.shared.bodyBudget.giveBack(bytes)
        }
        shadow.start(request)
    }

    /// The copy as it goes out, with what it may cost set aside; nil where no budget bears that, or nobody knows it.
    private func shadow(
        at target: RouteTarget,
        _ endpoint: Endpoint,
        _ facts: RequestFacts,
        bytes: Int
    ) -> ShadowExchange? {
        let now = loop.shared.admissionClock.wall()
        let scopes = identity.principal?.budgets ?? []
        let hasBudget = scopes.contains { !$0.limits.isEmpty }
        let answer = price(of: target, at: now, hasBudget: hasBudget)
        guard answer != .refused else { return nil }
        let images = answer.price?.image == nil ? 0 : traits(of: facts).images
        var budget: BudgetReservation? = nil
        if hasBudget, let price = answer.price {
            let amount = price.amount(of: likely(facts, at: target), images: images)
            do throws(BudgetSpent) { budget = try BudgetReservation(scopes, amount, at: now) } catch { return nil }
        }
        let account = SideAccount(.shadow, of: self, at: target, endpoint, since: loop.now, images: images)
        return ShadowExchange(
            on: loop,
            AttemptHold(on: target, nil, at: loop.now),
            account,
            SideAnswer(endpoint),
            bytes: bytes,
            budget: budget.take()
        )
    }

    private func continues(_ facts: RequestFacts) -> Bool {
        guard facts.endpoint.dialect == .responses else { return false }
        return body.withUnsafeReadableBytes { bytes in
            facts.index.member("previous_response_id", in: bytes.bytes).map { $0.kind != .null } ?? false
        }
    }

    private func worksLater(_ facts: RequestFacts) -> Bool {
        guard facts.endpoint.dialect == .responses else { return false }
        return body.withUnsafeReadableBytes { bytes in
            guard let member = facts.index.member("background", in: bytes.bytes), member.kind != .null else {
                return false
            }
            return facts.index.bool(member, in: bytes.bytes) != false
        }
    }

    /// How long the answer may be: where budgets bear it no longer than what is set aside, as nobody stops it later.
    private func copyLimit(at target: RouteTarget, _ facts: RequestFacts) -> Int? {
        let hasBudget = (identity.principal?.budgets ?? []).contains { !$0.limits.isEmpty }
        guard hasBudget, facts.endpoint.generates else { return outputLimit(at: target) }
        return max(likelyOutput(facts, at: target), 1)
    }

    /// The copy, and in which way its provider answers.
    private func copy(
        of route: PublicRoute,
        for target: RouteTarget,
        _ facts: RequestFacts
    ) throws -> (UpstreamRequest, Endpoint)? {
        let provider = target.provider
        let limit = copyLimit(at: target, facts)
        let builder = UpstreamRequestBuilder(
            provider: provider,
            route: route,
            model: target.model,
            outputLimit: limit
        )
        switch try Passage(of: route, to: provider, speaking: target.dialect, masked: masksUpstream) {
        case .embedding, .estimate: return nil
        case .bytes:
            let (fields, query) = passed(to: provider, facts)
            let (request, _) = builder.build(
                body: body,
                facts: facts,
                edits: try completionMask(facts)?.edits ?? [],
                fields: fields,
                query: query
            )
            return (request, facts.endpoint)
        case .translation(let dialect):
            var caller = try CallerRequest(Array(body.readableBytesView), endpoint: facts.endpoint)
            guard !caller.onlyLoadsModel else { return nil }
            if let limit { caller.request.sampling.bound(maxOutputTokens: limit) }
            _ = mask(&caller)
            if dialect == .ollama {
                caller.request.serving.contextLength = caller.request.serving.contextLength ?? provider.contextLength
                caller.request.serving.canThink = snapshot.directory.canThink(target.model, at: provider.name)
            }
            let translation = try Translation(caller, to: dialect, provider: provider.name, model: target.model)
            let streams = translation.caller.request.stream
            let fields = translatedRequestFields(to: provider, speaking: dialect, stream: streams)
            return (builder.build(translation.wire, fields: fields), dialect.conversation)
        }
    }
}
