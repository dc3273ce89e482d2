import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// One attempt: how the request goes to a target. What it needs of the request stays for the next one.
extension Exchange {
    /// Sends the request on; `edits` are those of a conversation that it continues.
    func pass(
        _ decision: RouteTarget,
        _ passage: Passage,
        _ facts: RequestFacts,
        edits: [BodyEdit] = []
    ) throws(Refusal) {
        if isWarmUp { return answerWarmUp(facts) }
        if passage == .bytes {
            let mask = try completionMask(facts)
            completion = mask.flatMap { $0.map.isEmpty ? nil : CompletionUnmasking($0.map) }
            return attemptBytes(decision, facts, edits + (mask?.edits ?? []))
        }
        let text = edits.isEmpty ? body : edits.applied(to: body).contiguous
        switch passage {
        case .bytes: break
        case .translation(let dialect): try attemptTranslation(decision, to: dialect, facts, text)
        case .embedding(let dialect): try attemptEmbedding(decision, to: dialect, text)
        case .estimate: try answerEstimate(text)
        }
    }

    private func attemptBytes(_ decision: RouteTarget, _ facts: RequestFacts, _ edits: [BodyEdit]) {
        guard let route, state.upstreamWillStart() else { return }
        let provider = decision.provider
        let builder = UpstreamRequestBuilder(
            provider: provider,
            route: route,
            model: decision.model,
            outputLimit: outputLimit(at: decision)
        )
        let (fields, query) = passed(to: provider, facts)
        if route == .inputTokens || route == .countTokens {
            counted = edits.isEmpty ? body : edits.applied(to: body).contiguous
        }
        if facts.endpoint.dialect == .ollama { estimateForOllama(facts.endpoint) }
        let (request, stripsUsage) = builder.build(
            body: body,
            facts: facts,
            edits: edits,
            fields: fields,
            query: query
        )
        letGoOfBody()
        streamSettings = StreamObserver.Settings(
            stripsUsageChunk: stripsUsage,
            eventLimit: snapshot.settings.limits.event
        )
        streamSettings.keepsResponse = turn?.wantsObject ?? false
        start(request, streams: facts.stream)
    }

    private func attemptTranslation(
        _ decision: RouteTarget,
        to dialect: Dialect,
        _ facts: RequestFacts,
        _ text: ByteBuffer
    ) throws(Refusal) {
        let caller: CallerRequest
        do throws(InferenceError) {
            caller = try CallerRequest(Array(text.readableBytesView), endpoint: facts.endpoint)
        } catch {
            throw Refusal(error)
        }
        if caller.onlyLoadsModel { return answerLoad(caller) }
        try translate(caller, for: decision, to: dialect)
    }

    /// Asks in the provider's dialect; `encoder` makes another answer of what comes than the endpoint usually gives.
    func translate(
        _ caller: CallerRequest,
        for decision: RouteTarget,
        to dialect: Dialect,
        encoder: (AnswerContext) -> any AnswerEncoder = { $0.encoder() }
    ) throws(Refusal) {
        let provider = decision.provider
        var caller = caller
        if let limit = outputLimit(at: decision) { caller.request.sampling.bound(maxOutputTokens: limit) }
        let unmasking = mask(&caller)
        let translation: Translation
        do throws(InferenceError) {
            if dialect == .ollama {
                estimatedPrompt = PromptEstimate.tokens(of: caller.request)
                if caller.request.serving.contextLength == nil {
                    caller.request.serving.contextLength = provider.contextLength
                }
                caller.request.serving.canThink = snapshot.directory.canThink(decision.model, at: provider.name)
            }
            translation = try Translation(caller, to: dialect, provider: provider.name, model: decision.model)
        } catch {
            throw Refusal(error)
        }
        guard let route, state.upstreamWillStart() else { return }
        record.upstreamDialect = dialect
        record.dropped = DroppedNames(translation.dropped).text
        let streams = translation.caller.request.stream
        let answer = translation.answer(
            requestID: record.requestID,
            createdAt: Int(WallClock.seconds()),
            limit: snapshot.settings.limits.event,
            rewriter: unmasking,
            encoder: encoder
        )
        translating = TranslatingRelay(answer, dialect: dialect, streams: streams, behind: translating)
        relay = .translated
        letGoOfBody()
        let fields = translatedRequestFields(to: provider, speaking: dialect, stream: streams)
        let builder = UpstreamRequestBuilder(provider: provider, route: route, model: decision.model)
        start(builder.build(translation.wire, fields: fields), streams: streams)
    }

    /// Answers a request that asks for nothing but that a model be loaded, where there is nothing to load.
    private func answerLoad(_ caller: CallerRequest) {
        guard attempts?.drafting == nil else { return }
        let context = AnswerContext(
            caller: caller,
            requestID: record.requestID,
            model: caller.request.model,
            createdAt: Int(WallClock.seconds())
        )
        send(ByteBuffer(bytes: Ollama.loadAnswer(context)), status: 200, fields: ownFields)
    }

    /// The header fields of a request that is written in the provider's dialect.
    func translatedRequestFields(to provider: Provider, speaking dialect: Dialect, stream: Bool) -> Fields {
        ForwardedFields.translatedRequest(
            from: callerFields,
            to: provider,
            speaking: dialect,
            stream: stream,
            requestID: record.requestID,
            hops: hopsToSend
        )
    }

    /// Sends the request as soon as its provider takes it; the state machine has been told.
    func start(_ request: consuming UpstreamRequest, streams: Bool) {
        if attempts?.drafting != nil {
            attempts?.drafting = .written(request)
            return
        }
        if streams, watch == nil {
            var settings = snapshot.settings.streams
            if let delay = attempts?.plan.policy.holdsHead { settings.headDelay = delay }
            watch = StreamWatch(settings, now: loop.now)
        }
        if attempts == nil { send(request) } else { enter(request) }
    }

    func send(_ request: consuming UpstreamRequest) {
        bill.isCutShort = false
        upstream = loop.pool.start(request, responder: self)
        if !connection.isWritable { upstream?.setReading(false) }
    }

    /// The body stays only while another attempt may need it.
    func letGoOfBody() {
        if !mayRepeat { body = ByteBuffer() }
    }

    var hopsToSend: String { caller.hops.map { "\($0),\(loop.shared.hopID)" } ?? loop.shared.hopID }

    /// Notes what a long prompt should come to, where Ollama gets the caller's bytes as they are.
    private func estimateForOllama(_ endpoint: Endpoint) {
        guard endpoint == .ollamaChat || endpoint == .ollamaGenerate, body.readableBytes > 4 * PromptEstimate.least
        else { return }
        // What cannot be read here is Ollama's to judge; there is only no estimate then.
        guard let caller = try? CallerRequest(Array(body.readableBytesView), endpoint: endpoint) else { return }
        estimatedPrompt = PromptEstimate.tokens(of: caller.request)
    }
}
