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
///
/// Plans name the same targets again and again, a large pool's by the dozen: what is known of one is put together once.
package struct RouteTarget: Sendable {
    private final class Known: Sendable {
        let provider: Provider
        let model: String
        let dialect: Dialect?
        let state: ProviderState
        let meter: TargetLoads.Meter?

        init(
            _ provider: Provider,
            _ model: String,
            _ dialect: Dialect?,
            _ state: ProviderState,
            _ meter: TargetLoads.Meter?
        ) {
            self.provider = provider
            self.model = model
            self.dialect = dialect
            self.state = state
            self.meter = meter
        }
    }

    private let known: Known
    /// The failures of an earlier target that lead here; nil means every one that another target may mend.
    package var causes: Set<InferenceError.Code>?
    /// More of them, for a target that takes over for the usual ones as well.
    package var moreCauses: Set<InferenceError.Code> = []

    package init(
        provider: Provider,
        model: String,
        dialect: Dialect?,
        causes: Set<InferenceError.Code>? = nil,
        state: ProviderState,
        meter: TargetLoads.Meter? = nil
    ) {
        known = Known(provider, model, dialect, state, meter)
        self.causes = causes
    }

    package var provider: Provider { _read { yield known.provider } }
    /// The model that the upstream is asked for.
    package var model: String { _read { yield known.model } }
    /// What the provider speaks; nil while nobody knows.
    package var dialect: Dialect? { known.dialect }
    /// What is known of the provider's health and places.
    package var state: ProviderState { known.state }
    /// What rules by load look at; nil where no rule leads here.
    package var meter: TargetLoads.Meter? { known.meter }

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
