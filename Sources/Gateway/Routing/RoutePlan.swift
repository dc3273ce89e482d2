package import Inference
package import Providers

/// Where a request may go and how hard it is tried: what routing decides, before anything is sent.
package struct RoutePlan: Sendable {
    /// The name of the rule that decided; nil where none fits and the model's name alone decides.
    package var rule: String?
    /// The first choice, then those that take over when it fails; never empty.
    package var targets: [RouteTarget]
    /// Gets a copy of the request, without effect on the answer.
    package var shadow: RouteTarget?
    package var policy: AttemptPolicy

    package init(rule: String? = nil, targets: [RouteTarget], shadow: RouteTarget? = nil, policy: AttemptPolicy) {
        self.rule = rule
        self.targets = targets
        self.shadow = shadow
        self.policy = policy
    }
}

/// A model at a provider.
package struct RouteTarget: Sendable {
    package let provider: Provider
    /// The model that the upstream is asked for.
    package let model: String
    /// What the provider speaks; nil while nobody knows.
    package let dialect: Dialect?
    /// The failures of an earlier target that lead here; nil means every one that another target may mend.
    package var causes: Set<InferenceError.Code>?
    /// More of them, for a target that takes over for the usual ones as well.
    package var moreCauses: Set<InferenceError.Code> = []
    /// What is known of the provider's health and places.
    package let state: ProviderState
    /// What rules by load look at; nil where no rule leads here.
    package let meter: TargetLoads.Meter?

    package init(
        provider: Provider,
        model: String,
        dialect: Dialect?,
        causes: Set<InferenceError.Code>? = nil,
        state: ProviderState,
        meter: TargetLoads.Meter? = nil
    ) {
        self.provider = provider
        self.model = model
        self.dialect = dialect
        self.causes = causes
        self.state = state
        self.meter = meter
    }

    /// The same with each key of its provider; none where that has no more than one.
    var byKey: [RouteTarget] {
        let keys = provider.apiKeys.indices
        guard keys.count > 1 else { return [] }
        return keys.map { key in
            let other = provider.using(credential: key)
            return RouteTarget(
                provider: other,
                model: model,
                dialect: dialect,
                causes: causes,
                state: state,
                meter: meter
            )
        }
    }
}
