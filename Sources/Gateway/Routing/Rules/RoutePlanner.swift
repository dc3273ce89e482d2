import Dialects
import Inference
package import Providers
import Synchronization

/// Decides where a request goes: by the rules, and where none fits by the model's name.
///
/// An immutable snapshot of the rules and of what the providers told; swapped whole when one of them tells something new.
package final class RoutePlanner: Sendable {
    /// What a rule's targets come down to for one word for the model; "" where no target keeps the caller's.
    private struct Key: Hashable {
        let rule: Int
        let model: String
    }

    /// What has been found of targets; callers may name models as they like, so that it has a bound.
    private struct Known {
        private static let most = 8_192

        private var found: [Key: RouteCandidates] = [:]
        private var count = 0

        subscript(key: Key) -> RouteCandidates? { found[key] }

        mutating func keep(_ candidates: RouteCandidates, _ key: Key) {
            if count + candidates.count > Self.most {
                found.removeAll(keepingCapacity: true)
                count = 0
            }
            count += candidates.count - (found.updateValue(candidates, forKey: key)?.count ?? 0)
        }
    }

    package let table: RoutingTable
    package let rules: RouteRules
    private let answers: [String: ModelDirectory.Answer]
    private let models: KnownModels
    private let prices: PriceTable
    private let loads: TargetLoads
    private let upstreams: ProviderStates
    /// Of the table's providers, by their names.
    private let states: [ByteString: ProviderState]
    private let known = Mutex(Known())

    /// `prices` are those of all models; without it those that `models` knows.
    package init(
        table: RoutingTable,
        rules: RouteRules = RouteRules(),
        answers: [String: ModelDirectory.Answer] = [:],
        models: KnownModels = KnownModels(),
        prices: PriceTable? = nil,
        loads: TargetLoads = TargetLoads(),
        upstreams: ProviderStates = ProviderStates()
    ) {
        self.table = table
        self.rules = rules
        self.answers = answers
        self.models = models
        self.prices = prices ?? PriceTable(known: models)
        self.loads = loads
        self.upstreams = upstreams
        states = Dictionary(table.names.map { (ByteString($0), upstreams.state(of: $0)) }) { first, _ in first }
    }

    /// Where a request may go, the first choice first.
    ///
    /// Refuses as `RoutingTable.resolve` does where no rule fits, and names each target's reason where a rule fits none of
    /// whose targets can take the request.
    package func plan(_ query: RouteQuery) throws(Refusal) -> RoutePlan {
        guard let place = rules.first(for: query) else { return try planByName(query) }
        let entry = rules.entries[place]
        let query = query.bounded(by: entry.rule.maxCost)
        let candidates = candidates(of: place, query).allowed(by: query.rights)
        let isOpen = query.rights.isUnrestricted && table.rights.isUnrestricted
        guard !candidates.isEmpty || isOpen else {
            throw Refusal(table.unknownModel(query.model, for: query.rights))
        }
        let ranking = RouteRanking(candidates, entry.rule, query, turn: entry.turn.take)
        var targets: [RouteTarget] = []
        targets.reserveCapacity(ranking.places.count + candidates.fallbacks.count + 1)
        if let canary = candidates.canary, isChosen(entry.rule.canary, entry, query), canary.isReady(for: query) {
            append(canary.target, canary.byKey, query, to: &targets)
        }
        for place in ranking.places {
            let candidate = candidates.targets[place.index]
            append(candidate.target, candidate.byKey, query, to: &targets)
        }
        appendFallbacks(candidates.fallbacks, ranking, query, to: &targets)
        guard !targets.isEmpty else { throw refusal(entry.rule, candidates, query) }
        var plan = RoutePlan(rule: entry.rule.name, targets: targets, policy: entry.rule.policy)
        if let shadow = candidates.shadow, isChosen(entry.rule.shadow, entry, query, Self.shadowSalt),
            shadow.isReady(for: query)
        {
            plan.shadow = shadow.target
        }
        return plan
    }

    private func planByName(_ query: RouteQuery) throws(Refusal) -> RoutePlan {
        let found = try table.resolve(model: query.model, header: query.provider, for: query.rights)
        let target = RouteTarget(
            provider: found.provider,
            model: found.model,
            dialect: found.dialect,
            state: states[ByteString(found.provider.name)] ?? upstreams.state(of: found.provider.name)
        )
        try check(target, query)
        let byKey = target.byKey
        guard !byKey.isEmpty else { return RoutePlan(targets: [target], policy: AttemptPolicy()) }
        var targets: [RouteTarget] = []
        append(target, byKey, query, to: &targets)
        return RoutePlan(targets: targets, policy: AttemptPolicy())
    }

    /// Whether the one target that a name leads to costs no more than the request may.
    private func check(_ target: RouteTarget, _ query: RouteQuery) throws(Refusal) {
        guard query.maxCost != nil, let fault = query.costFault(prices.period(of: target, for: query).price) else {
            return
        }
        throw Refusal(.costTooHigh, "\(target.provider.name)/\(target.model) \(fault.words(query)).")
    }

    /// Adds a target once for each of its provider's keys: a session's own key first, else the one whose turn it is.
    private func append(
        _ target: RouteTarget,
        _ byKey: [RouteTarget],
        _ query: RouteQuery,
        to targets: inout [RouteTarget]
    ) {
        let count = byKey.count
        guard count > 1 else { return targets.append(target) }
        let first =
            query.session.map { Int(truncatingIfNeeded: RouteHash.mixed($0) >> 1) }
            ?? rules.keyTurn(of: target.provider.name)
        for offset in 0..<count {
            targets.append(byKey[(first % count + offset) % count])
            targets[targets.count - 1].causes = target.causes
        }
    }

    private func appendFallbacks(
        _ fallbacks: [RouteCandidate],
        _ ranking: RouteRanking,
        _ query: RouteQuery,
        to targets: inout [RouteTarget]
    ) {
        // Where nobody can take the request, those come first whose cause is the very reason.
        let reasons = targets.isEmpty ? Set(ranking.faults.compactMap(\.fault.code)) : nil
        for fallback in fallbacks where fallback.isReady(for: query) {
            var target = fallback.target
            if let reasons {
                if let causes = target.causes, causes.isDisjoint(with: reasons) { continue }
                if targets.isEmpty { target.causes = nil }
            }
            guard targets.contains(where: fallback.leads) else {
                append(target, fallback.byKey, query, to: &targets)
                continue
            }
            // It is there already, and takes over for these causes too.
            for place in targets.indices where fallback.leads(where: targets[place]) {
                if let causes = target.causes {
                    targets[place].moreCauses.formUnion(causes)
                } else {
                    targets[place].causes = nil
                }
            }
        }
    }

    /// Whether a request belongs to a share; all requests of a session do or do not.
    ///
    /// Shares with different salts know nothing of each other.
    func isChosen(
        _ share: RouteRule.Share?,
        _ entry: RouteRules.Entry,
        _ query: RouteQuery,
        _ salt: UInt64 = 0
    ) -> Bool {
        guard let share else { return false }
        return RouteHash.fraction(query.seed(keepsSessions: true), entry.hash ^ salt) * 100 <= share.percent
    }

    private static let shadowSalt = RouteHash.of("shadow".utf8)

    func candidates(of place: Int, _ query: RouteQuery) -> RouteCandidates {
        let entry = rules.entries[place]
        let kept = entry.keepsModel ? keptModel(query.model) : nil
        let key = Key(rule: place, model: entry.keepsModel ? kept ?? "/" : "")
        if let found = known.withLock({ $0[key] }) { return found }
        let maker = CandidateMaker(
            table: table,
            answers: answers,
            models: models,
            loads: loads,
            upstreams: upstreams,
            prices: prices,
            kept: kept
        )
        let made = maker.candidates(of: entry.rule)
        known.withLock { $0.keep(made, key) }
        return made
    }

    /// The caller's model as a provider knows it: what an alias stands for, without a provider in front; nil where it is a
    /// provider's own name, which means that provider's model.
    private func keptModel(_ name: String) -> String? {
        let meant = table.meant(by: name)
        if table.hasProvider(meant) { return nil }
        guard let slash = meant.utf8.firstIndex(of: UInt8(ascii: "/")), table.hasProvider(String(meant[..<slash]))
        else {
            return meant
        }
        return String(meant[meant.utf8.index(after: slash)...])
    }
}

extension RouteCandidate {
    /// Whether the target can take a request.
    func isReady(for query: RouteQuery) -> Bool {
        if case .cannot = fit(query) { return false }
        return true
    }
}
