import Dialects
import Inference
import NIOCore
import Providers

/// The two gates that a request passes, and what it gives back at its end; without limits neither costs anything.
extension Exchange {
    /// The first gate, before the body: requests that run, and requests a minute.
    func enterLimits() throws(Refusal) {
        let principal = identity.principal
        if let load = principal?.load {
            loop.shared.busyTenants.didBegin(load)
            countedLoad = load
        }
        var scopes = principal?.limits ?? []
        if let installation = snapshot.admission.installation { scopes.insert(installation, at: 0) }
        guard !scopes.isEmpty else { return }
        let clock = loop.shared.admissionClock
        do throws(LimitReached) { admission = try Admission(scopes, clock) } catch {
            var refusal = error.refusal
            for field in RateLimitFields(scopes, errorDialect, clock).list {
                refusal = refusal.with(field.name, field.value)
            }
            throw refusal
        }
    }

    /// The second gate, once it is known what is asked of whom: the model's own limits, and tokens.
    ///
    /// A request counts once, and for the model that it is first sent to, however many attempts become of it.
    func reserve(_ target: RouteTarget, _ facts: RequestFacts) throws(Refusal) {
        guard admission != nil || snapshot.admission.boundsModels, !isWarmUp, admission?.reserved == nil else { return }
        let models = snapshot.admission.scopes(of: target.model, at: target.provider.name)
        guard admission != nil || !models.isEmpty else { return }
        do throws(LimitReached) {
            var admission: Admission
            if let entered = self.admission {
                admission = entered
            } else {
                admission = try Admission([], loop.shared.admissionClock)
            }
            let amounts = admission.countsTokens(with: models) ? wanted(facts, of: target) : TokenAmounts()
            try admission.reserve(amounts, of: models)
            self.admission = admission
        } catch {
            throw error.refusal
        }
    }

    /// How long the answer of a target may be, by the caller's own limits, by those of this model and by what his budgets
    /// allow; nil where nobody bounds it.
    func outputLimit(at target: RouteTarget) -> Int? {
        [allowedOutput(at: target), bill.affordableOutput].compactMap(\.self).min()
    }

    private func allowedOutput(at target: RouteTarget) -> Int? {
        guard admission != nil || snapshot.admission.boundsModels, route != .compact else { return nil }
        let models = snapshot.admission.scopes(of: target.model, at: target.provider.name)
        let scopes = (admission?.scopes ?? []) + models
        return scopes.compactMap(\.limits.maxOutputTokens).min()
    }

    /// What the request may come to: an estimate of its prompt, and the answer that it asks for.
    private func wanted(_ facts: RequestFacts, of target: RouteTarget) -> TokenAmounts {
        guard facts.endpoint.generates || facts.endpoint.embeds else { return TokenAmounts() }
        let input = traits(of: facts).tokens
        guard facts.endpoint.generates else { return TokenAmounts(input: input) }
        let asked = min(facts.maxOutputTokens ?? Self.usualOutput, outputLimit(at: target) ?? .max)
        let output = min(asked, Self.mostOutput) * min(facts.answers, Self.mostAnswers)
        return TokenAmounts(input: input, output: min(output, Self.mostOutput))
    }

    /// The request continues so many bytes of a conversation.
    func reserve(past bytes: Int) {
        guard bytes > 0 else { return }
        admission?.reserveMore(bytes / RequestTraits.bytesPerToken)
    }

    /// Gives back what was taken, and counts what was used; nothing is left for a second time.
    func settleAdmission(_ used: TokenAmounts) {
        if let load = countedLoad {
            countedLoad = nil
            loop.shared.busyTenants.didEnd(load)
        }
        guard let admission else { return }
        self.admission = nil
        admission.settle(used: used)
    }

    /// The tokens that the request is taken to have used; where nobody counted them, an estimate stands and is marked.
    func usedTokens() -> TokenAmounts {
        guard let endpoint = route?.endpoint, endpoint.generates || endpoint.embeds else { return TokenAmounts() }
        let usage = record.usage
        let wasAsked = upstream?.writtenAt != nil || record.upstreamStatus != nil
        switch record.outcome {
        // A caller may name the time, and what it ended was worked on.
        case .failed where bill.isCutShort: break
        case .failed: return TokenAmounts(input: usage.input ?? 0, output: usage.output ?? 0)
        // Nobody was asked yet, or the gateway knew the answer itself.
        case .refused, .ok, .interrupted, .clientGone: guard wasAsked else { return TokenAmounts() }
        }
        let written = endpoint.generates ? writtenTokens : 0
        // What a provider goes on to do by itself is told to nobody here.
        var output = usage.output ?? (bill.isBackground ? expected.output : written)
        // Messages begins by saying 1, and says what it came to only at the end.
        let isHalfTold = record.outcome != .ok && (record.upstreamDialect ?? record.dialect) == .messages
        if isHalfTold { output = max(output, written) }
        record.isEstimated = usage.input == nil || (endpoint.generates && usage.output == nil) || isHalfTold
        return TokenAmounts(input: usage.input ?? expected.input, output: output)
    }

    /// What was set aside for the request, or would have been.
    var expected: TokenAmounts {
        if let reserved = admission?.reserved, reserved != TokenAmounts() { return reserved }
        let past = history.bytes / RequestTraits.bytesPerToken
        let prompt = expectedInput ?? record.bytesIn / RequestTraits.bytesPerToken
        return TokenAmounts(input: prompt + past, output: bill.answer.tokens)
    }

    /// About how many tokens went down to the client: an event of a stream mostly has one.
    private var writtenTokens: Int {
        // What came was held back.
        if record.outcome == .failed { return bill.eventsSeen }
        let most = record.bytesOut / RequestTraits.bytesPerToken
        if record.streamed { return min(bill.eventsSeen, most) }
        let expected = expected.output
        return expected > 0 ? min(expected, most) : most
    }

    /// Says in a head how the limits stand.
    func tellLimits(in fields: Fields) -> Fields {
        guard let admission else { return fields }
        var fields = fields
        RateLimitFields(admission.scopes, errorDialect, loop.shared.admissionClock).write(to: &fields)
        return fields
    }

    /// What is set aside for an answer whose length its caller does not bound.
    private static let usualOutput = 1_024
    /// A client may ask for any number that there is; no answer is longer than this.
    static let mostOutput = 1 << 40
    static let mostAnswers = 1_000
}

extension Endpoint {
    /// Whether a model writes text for it.
    var generates: Bool {
        switch self {
        case .chatCompletions, .completions, .responses, .messages, .ollamaChat, .ollamaGenerate: true
        case .embeddings, .ollamaEmbed, .ollamaEmbeddings, .inputTokens, .countTokens: false
        }
    }

    var embeds: Bool {
        switch self {
        case .embeddings, .ollamaEmbed, .ollamaEmbeddings: true
        default: false
        }
    }
}
