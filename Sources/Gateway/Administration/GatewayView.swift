import NIOCore
import Providers

/// What the administration sees of a gateway that runs.
struct GatewayView: Sendable {
    let shared: SharedContext
    let reloader: Reloader
    let memory: @Sendable () -> Int?
    let started = NIODeadline.now()

    init(shared: SharedContext, reloader: Reloader, memory: @escaping @Sendable () -> Int?) {
        self.shared = shared
        self.reloader = reloader
        self.memory = memory
    }

    /// The numbers as they are now.
    var status: GatewayStatus { GatewayStatus(of: self) }

    /// Whether a request has a chance now.
    ///
    /// Where it has none, the providers are asked again, so that a later question hears of it soon when one is back.
    var readiness: Readiness {
        let snapshot = shared.snapshot
        let providers = snapshot.providerStatus(shared.upstreams, at: shared.clock.now)
        let readiness = Readiness(providers, isDraining: shared.counters.isDraining)
        if !readiness.isReady { snapshot.directory.wishIfStale() }
        return readiness
    }
}
