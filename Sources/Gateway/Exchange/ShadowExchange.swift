import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A copy of a request on its way to a second target; whatever comes back is thrown away as it comes.
///
/// Confined to its event loop, and kept by the pool until it is over.
final class ShadowExchange: UpstreamResponder {
    /// A loop sends no more of them at a time: who is slow to answer copies must not fill the memory with them.
    static let most = 64

    private let loop: LoopContext
    private let hold: AttemptHold
    private let bytes: Int

    /// A copy that has a place at its provider and room for its bytes already, which it gives back in the end.
    init(on loop: LoopContext, _ hold: AttemptHold, bytes: Int) {
        self.loop = loop
        self.hold = hold
        self.bytes = bytes
    }

    func start(_ request: UpstreamRequest) {
        loop.shadows += 1
        _ = loop.pool.start(request, responder: self)
    }

    func upstreamDidReceiveHead(status: Int, fields: Fields) {}
    func upstreamDidReceiveBody(_ bytes: ByteBuffer) {}
    func upstreamDidCompleteRead() {}
    func upstreamDidEnd() { end() }
    func upstreamDidFail(_ failure: TransportFailure) { end() }

    private func end() {
        loop.shadows -= 1
        loop.shared.bodyBudget.giveBack(bytes)
        hold.end(nil, at: loop.now)
    }
}

extension Exchange {
    /// Sends a copy of the request to the plan's shadow, once; nothing that goes wrong there is told to anybody.
    ///
    /// A request that goes on from an earlier response has no copy: what it goes on from is elsewhere.
    func castShadow(of plan: RoutePlan, _ facts: RequestFacts) {
        guard let target = plan.shadow, !hasShadow, !isWarmUp, loop.shadows < ShadowExchange.most, let route,
            route != .compact, !continues(facts)
        else { return }
        hasShadow = true
        // What cannot be asked there is not asked there.
        guard let request = try? copy(of: route, for: target, facts) else { return }
        // It may outlive the request itself.
        let bytes = request.body.reduce(0) { $0 + $1.readableBytes }
        // A copy waits for no place, and whoever is in trouble is spared it; nobody is judged by what comes of it.
        guard standing(of: target, at: loop.now) == .ready, loop.shared.bodyBudget.take(bytes) else { return }
        guard target.state.enter(target.provider.limits) else { return loop.shared.bodyBudget.giveBack(bytes) }
        ShadowExchange(on: loop, AttemptHold(on: target, nil, at: loop.now), bytes: bytes).start(request)
    }

    private func continues(_ facts: RequestFacts) -> Bool {
        guard facts.endpoint.dialect == .responses else { return false }
        return body.withUnsafeReadableBytes { bytes in
            facts.index.member("previous_response_id", in: bytes.bytes).map { $0.kind != .null } ?? false
        }
    }

    private func copy(
        of route: PublicRoute,
        for target: RouteTarget,
        _ facts: RequestFacts
    ) throws -> UpstreamRequest? {
        let provider = target.provider
        let limit = outputLimit(at: target)
        let builder = UpstreamRequestBuilder(
            provider: provider,
            route: route,
            model: target.model,
            outputLimit: limit
        )
        switch try Passage(of: route, to: provider, speaking: target.dialect, masked: masksUpstream) {
        case .embedding, .estimate: return nil
        case .bytes:
            let fields = ForwardedFields.request(
                from: callerFields,
                to: provider,
                requestID: record.requestID,
                hops: hopsToSend
            )
            return builder.build(body: body, facts: facts, fields: fields, query: self.target?.query ?? "").request
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
            return builder.build(translation.wire, fields: fields)
        }
    }
}
