import Logging
import Providers

/// What the gateway keeps beyond one exchange: its store, and the key that hides what callers keep for it.
struct GatewayState: Sendable {
    let responses: ResponseStore
    let captures: CaptureStore
    let seal: Seal

    /// Opens both where the settings say, and in memory where that cannot be used: the gateway serves all the same.
    ///
    /// `clock` is that by which the store's patience ends.
    ///
    /// - Throws: only where there is no memory for it either.
    init(
        _ settings: StoreSettings,
        _ capture: CaptureSettings = CaptureSettings(),
        logger: Logger,
        clock: any LoopClock = MachineClock()
    ) throws {
        responses = try Self.store(settings, logger, clock)
        captures = CaptureStore(beside: settings.place, capture, logger: logger, timers: clock)
        seal = Seal(Self.key(settings, logger))
    }

    private static func store(
        _ settings: StoreSettings,
        _ logger: Logger,
        _ clock: any LoopClock
    ) throws -> ResponseStore {
        do { return try ResponseStore(settings, logger: logger, timers: clock) } catch {
            guard case .file(let path) = settings.place else { throw error }
            logger.warning("\(path) cannot be used: \(error). Responses are kept in memory until the gateway ends.")
            var settings = settings
            settings.place = .memory
            return try ResponseStore(settings, logger: logger, timers: clock)
        }
    }

    private static func key(_ settings: StoreSettings, _ logger: Logger) -> SealingKey {
        if let secret = settings.sealingKey { return SealingKey(secret) }
        guard case .file(let path) = settings.place, let slash = path.lastIndex(of: "/") else { return .fresh() }
        let file = path[...slash] + "seal.key"
        do { return try SealingKey(file: String(file)) } catch {
            logger.warning("\(file) cannot be used: \(error). Compactions can be opened until the gateway ends.")
            return .fresh()
        }
    }
}
