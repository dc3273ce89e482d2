import NIOCore
import Providers

/// What the administration sees of a gateway that runs.
struct GatewayView: Sendable {
    let shared: SharedContext
    /// To be asked on their own threads alone.
    let loops: [NIOLoopBound<LoopContext>]
    let reloader: Reloader
    let memory: @Sendable () -> Int?
    let process = ProcessMetrics()
    /// When the certificate of the public listener ends, in seconds since 1970; nil where it has none.
    let certificateExpiry: Int?
    let started = NIODeadline.now()

    init(
        shared: SharedContext,
        loops: [NIOLoopBound<LoopContext>],
        reloader: Reloader,
        memory: @escaping @Sendable () -> Int?
    ) {
        self.shared = shared
        self.loops = loops
        self.reloader = reloader
        self.memory = memory
        // The listener keeps what it began with, whatever becomes of the file.
        certificateExpiry = shared.snapshot.settings.tls.flatMap { Listener.expiry(of: $0) }
    }

    /// For how long it has run.
    var uptime: TimeAmount { NIODeadline.now() - started }

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
