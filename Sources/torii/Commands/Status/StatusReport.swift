import JSON

/// What a gateway says of itself at `/status`; members that one of another version does not have are nil.
struct StatusReport: Sendable, Hashable {
    /// One provider's row.
    struct Provider: Sendable, Hashable {
        var name: String
        var state: String?
        var dialect: String?
        var models: Int?
        var inFlight: Int?
        var queued: Int?
        var breaker: String?
        /// In seconds.
        var cooldown: Double?
        var reason: String?
    }

    var version: String
    var uptimeSeconds: Int
    var isReady: Bool
    var isDraining: Bool
    var connections: Int?
    var exchangesInFlight: Int?
    var exchangesSettled: Int?
    var configOK: Bool?
    var configGeneration: Int?
    var configLoadedAt: String?
    var configProblem: String?
    var restartNeeded: [String] = []
    var shedding: String?
    var shed: Int?
    var loopLagMilliseconds: Double?
    var memoryBytes: Int?
    var providers: [Provider] = []

    /// Nil for what is no gateway's status.
    init?(_ view: JSONView) {
        guard let version = view["version"]?.string, let uptime = view["uptime_seconds"]?.int,
            let isReady = view["ready"]?.bool
        else { return nil }
        self.version = version
        uptimeSeconds = uptime
        self.isReady = isReady
        isDraining = view["draining"]?.bool ?? false
        connections = view["connections"]?.int
        exchangesInFlight = view["exchanges_in_flight"]?.int
        exchangesSettled = view["exchanges_settled"]?.int
        configOK = view["config_ok"]?.int.map { $0 == 1 }
        configGeneration = view["config_generation"]?.int
        configLoadedAt = view["config_loaded_at"]?.string
        configProblem = view["config_problem"]?.string
        restartNeeded = (view["config_restart_needed"]?.elements.map { $0 } ?? []).compactMap(\.string)
        let overload = view["overload"]
        shedding = overload?["shedding"]?.string
        shed = overload?["shed"]?.int
        loopLagMilliseconds = overload?["loop_lag_ms"]?.double
        memoryBytes = overload?["memory_bytes"]?.int
        providers = (view["providers"]?.elements.map { $0 } ?? []).compactMap { Provider($0) }
    }
}

extension StatusReport.Provider {
    init?(_ view: JSONView) {
        guard let name = view["name"]?.string else { return nil }
        self.name = name
        state = view["state"]?.string
        dialect = view["dialect"]?.string
        models = view["models"]?.int
        inFlight = view["in_flight"]?.int
        queued = view["queued"]?.int
        breaker = view["breaker"]?.string
        cooldown = view["cooldown"]?.double
        reason = view["reason"]?.string
    }
}
