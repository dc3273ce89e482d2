import Hummingbird
import NIOCore

/// What `/health/ready` answers: whether a request has a chance, and what each provider has to do with it.
package struct Readiness: ResponseEncodable, Sendable, Hashable {
    /// One provider's part.
    package struct Part: Encodable, Sendable, Hashable {
        package let name: String
        package let state: ProviderStatus.State
        package let reason: String?
    }

    /// `ready`, `draining` or `not ready`.
    package let status: String
    /// Why it is not ready; nil where it is.
    package let reason: String?
    package let providers: [Part]

    package var isReady: Bool { reason == nil }

    /// What everybody may know.
    struct Outline: ResponseEncodable, Sendable { let status: String }

    var outline: Outline { Outline(status: status) }

    /// Ready is a gateway that goes on and of whose providers one is in its regions, reachable, and not shut off by its
    /// breaker.
    init(_ providers: [ProviderStatus], isDraining: Bool) {
        self.providers = providers.map { Part(name: $0.name, state: $0.state, reason: $0.reason) }
        let canServe = providers.contains { $0.state == .reachable && $0.breaker != "open" }
        if isDraining {
            (status, reason) = ("draining", "the gateway stops")
        } else if canServe {
            (status, reason) = ("ready", nil)
        } else if providers.isEmpty {
            (status, reason) = ("not ready", "no provider is configured")
        } else if providers.contains(where: { $0.state == .unknown }) {
            (status, reason) = ("not ready", "no provider has answered yet")
        } else {
            (status, reason) = ("not ready", "no provider can serve")
        }
    }
}
