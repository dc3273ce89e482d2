import Inference
import Providers

/// Why a request goes where it goes, in words.
package struct RouteExplanation: Sendable {
    package struct Passed: Sendable {
        package let rule: String
        package let reason: RouteMismatch
    }

    package struct Target: Sendable {
        package let provider: String
        package let model: String
        package let reason: String
    }

    /// The rules in front of the one that fits, or all where none fits.
    package var passed: [Passed] = []
    /// The rule that fits; nil where the model's name decides.
    package var rule: String?
    package var targets: [Target] = []
    /// Who would be a target and cannot take the request.
    package var leftOut: [Target] = []
    package var shadow: Target?
    /// Why the request is refused.
    package var refusal: Refusal?
}

extension RoutePlanner {
    /// Explains what `plan` would say; only chance and load, which the query stands for, may differ from request to request.
    package func explain(_ query: RouteQuery) -> RouteExplanation {
        var explanation = RouteExplanation()
        let place = rules.first(for: query)
        for entry in rules.entries.prefix(place ?? rules.entries.count) {
            guard let reason = RouteMismatch(of: entry.rule.conditions, for: query) else { continue }
            explanation.passed.append(.init(rule: entry.rule.name, reason: reason))
        }
        if let place { explain(place, query, in: &explanation) }
        do throws(Refusal) {
            let plan = try plan(query)
            if place == nil { explanation.targets = plan.targets.map { Self.named($0, by: query) } }
            explanation.shadow = plan.shadow.map {
                .init(provider: $0.provider.name, model: $0.model, reason: "gets a copy, without effect on the answer")
            }
        } catch {
            explanation.refusal = error
        }
        return explanation
    }

    private static func named(_ target: RouteTarget, by query: RouteQuery) -> RouteExplanation.Target {
        let reason = query.provider == nil ? "no rule fits, and the model's name leads here" : "x-provider names it"
        let key = target.provider.apiKeys.count > 1 ? ", key \(target.provider.credentialIndex + 1)" : ""
        return .init(provider: target.provider.name, model: target.model, reason: reason + key)
    }

    private func explain(_ place: Int, _ query: RouteQuery, in explanation: inout RouteExplanation) {
        let entry = rules.entries[place]
        let query = query.bounded(by: entry.rule.maxCost)
        explanation.rule = entry.rule.name
        let candidates = candidates(of: place, query).allowed(by: query.rights)
        // The plan says why.
        guard !candidates.isEmpty else { return }
        func add(_ candidate: RouteCandidate, _ reason: String) {
            let target = candidate.target
            if case .cannot(let fault) = candidate.fit(query) {
                explanation.leftOut.append(
                    .init(provider: target.provider.name, model: target.model, reason: fault.words(query))
                )
            } else {
                explanation.targets.append(.init(provider: target.provider.name, model: target.model, reason: reason))
            }
        }
        if let canary = candidates.canary, let share = entry.rule.canary, isChosen(share, entry, query) {
            add(
                canary,
                "the canary of \(Self.text(share.percent)) % of the \(query.session == nil ? "requests" : "sessions")"
            )
        }
        let ranking = RouteRanking(candidates, entry.rule, query, turn: { 0 })
        for place in ranking.places {
            let candidate = candidates.targets[place.index]
            add(candidate, Self.reason(candidate, place, entry.rule, query))
        }
        for fault in ranking.faults { add(candidates.targets[fault.index], "") }
        for fallback in candidates.fallbacks {
            let causes = fallback.target.causes?.map(\.rawValue).sorted().joined(separator: ", ")
            add(fallback, "a fallback on \(causes ?? "any failure that another target may mend")")
        }
    }

    private static func reason(
        _ candidate: RouteCandidate,
        _ place: RouteRanking.Place,
        _ rule: RouteRule,
        _ query: RouteQuery
    ) -> String {
        var reasons: [String] = []
        switch rule.strategy {
        case .weighted: reasons.append("weight \(text(candidate.weight))")
        case .roundRobin: reasons.append("round robin")
        case .leastBusy:
            reasons.append("\(candidate.meter.inFlight) requests under way, weight \(text(candidate.weight))")
        case .lowestLatency:
            reasons.append(
                candidate.meter.firstTokenMilliseconds.map { "first token after \(Int($0)) ms" }
                    ?? "no first token lately"
            )
        case .cheapest:
            reasons.append(
                candidate.price(for: query).price.map {
                    "USD \(text($0.usual)) for a million tokens, three of four of the prompt"
                } ?? "price not known"
            )
        case .ordered: reasons.append("number \(place.index + 1) as written")
        }
        if rule.keepsSessions, query.session != nil, [.weighted, .roundRobin].contains(rule.strategy) {
            reasons.append("the session's place")
        }
        if query.maxCost != nil, let cost = query.cost(candidate.price(for: query).price) {
            reasons.append("this request about USD \(cost.text)")
        }
        if candidate.ability.isLoaded { reasons.append("the model is in memory") }
        if place.tier.contains(.notLoaded) { reasons.append("behind those with the model in memory") }
        if place.tier.contains(.doubtful), let limit = candidate.ability.inputLimit {
            reasons.append("last, as its \(limit) tokens may be too few")
        }
        return reasons.joined(separator: "; ")
    }

    /// At most two decimals.
    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        if hundredths % 100 == 0 { return String(hundredths / 100) }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest % 10 == 0 ? String(rest / 10) : String(rest))"
    }
}
