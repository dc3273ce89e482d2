import Logging
import Providers

/// Sends the alerts that wait, one after the other, until it is cancelled; there is one for each process.
///
/// One that is not taken is sent again after growing waits, and given up in the end.
struct AlertSender: Sendable {
    /// A body, its signature and where it goes; gives the status.
    typealias Send = @Sendable ([UInt8], String, AlertSettings) async throws(TransportFailure) -> Int

    private let alerts: BudgetAlerts
    private let memory: any AlertMemory
    private let logger: Logger
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int
    /// Waits; false where it was cancelled.
    private let pause: @Sendable (Duration) async -> Bool
    private let send: Send

    init(
        _ alerts: BudgetAlerts,
        memory: any AlertMemory = RecentAlerts(),
        logger: Logger,
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds,
        // Only cancellation throws.
        pause: @escaping @Sendable (Duration) async -> Bool = { (try? await Task.sleep(for: $0)) != nil },
        send: @escaping Send
    ) {
        self.alerts = alerts
        self.memory = memory
        self.logger = logger
        self.clock = clock
        self.pause = pause
        self.send = send
    }

    func run() async {
        for await _ in alerts.wishes {
            while !Task.isCancelled, let alert = alerts.next() { await deliver(alert) }
            let lost = alerts.takeLost()
            if lost > 0 { logger.error("\(lost) budget alerts are lost: too many wait to be sent") }
        }
    }

    private func deliver(_ alert: BudgetAlert) async {
        guard await !wasSent(alert.id) else { return }
        let body = alert.body()
        var generator = RouteDice.random()
        for attempt in 0..<Self.mostAttempts {
            // They may have been turned off meanwhile.
            guard let settings = alerts.settings else { return }
            guard let problem = await attemptOnce(body, settings) else { return await noteSent(alert.id) }
            if attempt == 0 { logger.warning("a budget alert was not taken and is sent again: \(problem)") }
            guard attempt + 1 < Self.mostAttempts,
                let wait = Self.backoff.wait(before: attempt, using: &generator)
            else {
                return logger.error("the budget alert \(alert.id) is given up: \(problem)")
            }
            guard await pause(wait) else { return }
        }
    }

    /// What went wrong; nil where it was taken.
    ///
    /// Each attempt is signed with its own time.
    private func attemptOnce(_ body: [UInt8], _ settings: AlertSettings) async -> String? {
        // Its path and its query may be what opens it.
        let place = settings.address.base.authority
        let signature = AlertSignature.value(body, settings.secret, at: clock() / 1_000)
        do throws(TransportFailure) {
            let status = try await send(body, signature, settings)
            return (200..<300).contains(status) ? nil : "\(place) answered \(status)"
        } catch {
            return "\(place): \(error.detail.isEmpty ? error.kind.rawValue : error.detail)"
        }
    }

    private func wasSent(_ id: String) async -> Bool {
        do {
            return try await IdentityWatch.blocking { [memory] in try memory.wasSent(id) }
        } catch {
            // Told twice is better than not at all.
            logger.warning("whether a budget alert was sent before is not known: \(error)")
            return false
        }
    }

    private func noteSent(_ id: String) async {
        do {
            try await IdentityWatch.blocking { [memory, clock] in try memory.noteSent(id, at: clock()) }
        } catch {
            logger.warning("a budget alert was sent, which cannot be noted: \(error)")
        }
    }

    /// Some ten minutes in all.
    static let mostAttempts = 12
    private static let backoff = Backoff(range: .seconds(1), longest: .seconds(300))
}
