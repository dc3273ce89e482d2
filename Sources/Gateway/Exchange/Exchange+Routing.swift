import Dialects
import Inference
import NIOCore
import Providers

/// Where the request goes.
extension Exchange {
    /// Has the planner plan, keeps the plan, and gives its first choice.
    func choose(_ facts: RequestFacts) throws(Refusal) -> RoutingTable.Decision {
        let planner = snapshot.directory.planner
        let plan = try planner.plan(query(facts, planner.rules))
        self.plan = plan
        castShadow(of: plan, facts)
        guard let first = plan.targets.first else { preconditionFailure("a plan has a target") }
        return RoutingTable.Decision(first)
    }

    /// Puts the target in front that keeps what the request continues; nil where it is none of the plan's others.
    func prefer(_ keeper: String) -> RoutingTable.Decision? {
        guard var plan, let place = plan.targets.firstIndex(where: { $0.provider.name == keeper }), place > 0 else {
            return nil
        }
        plan.targets.insert(plan.targets.remove(at: place), at: 0)
        self.plan = plan
        return RoutingTable.Decision(plan.targets[0])
    }

    /// What routing has to know; what only rules and keys ask for is not read where there are none.
    private func query(_ facts: RequestFacts, _ rules: RouteRules) throws(Refusal) -> RouteQuery {
        var query = RouteQuery(
            model: facts.model,
            dialect: facts.endpoint.dialect,
            route: route,
            provider: caller.provider
        )
        guard rules.asksForSession else { return query }
        query.random = loop.dice.next()
        let traits = RequestTraits(facts, in: body, fields: callerFields)
        query.session = traits.session
        guard !rules.isEmpty else { return query }
        query.fields = callerFields
        query.time = Int(WallClock.seconds())
        (query.tokens, query.hasTools, query.hasImages) = (traits.tokens, traits.hasTools, traits.hasImages)
        query.preference = try preference() ?? rules.preference
        return query
    }

    private func preference() throws(Refusal) -> RoutePreference? {
        guard let word = callerFields.first("x-torii-prefer") else { return nil }
        if let preference = RoutePreference(rawValue: word.lowercased()) { return preference }
        let words = RoutePreference.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(.badHeader, "x-torii-prefer is none of \(words).", field: "x-torii-prefer")
    }
}

extension RoutingTable.Decision {
    init(_ target: RouteTarget) {
        self.init(provider: target.provider, model: target.model, dialect: target.dialect)
    }
}
