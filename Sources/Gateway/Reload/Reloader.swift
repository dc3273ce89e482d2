import Providers
import Synchronization

/// Takes wishes to read the configuration again, and performs them one after the other.
///
/// What a reload is, `Gateway` knows; how the configuration is read, whoever made this.
package final class Reloader: Sendable {
    /// A configuration that was read, checked and has its secrets.
    package struct Loaded: Sendable {
        package var settings: GatewaySettings
        /// What is legal and yet worth a line in the log.
        package var warnings: [String]

        package init(_ settings: GatewaySettings, warnings: [String] = []) {
            self.settings = settings
            self.warnings = warnings
        }
    }

    /// Reads the configuration anew; `running` are the settings that are in use.
    package typealias Load = @Sendable (_ running: GatewaySettings) async throws(ReloadProblem) -> Loaded

    /// Who wanted a reload.
    package enum Cause: String, Sendable, Hashable {
        case signal
        case file
        case administration
    }

    /// What a reload brought into use.
    package struct Success: Sendable, Hashable {
        package var generation: Int
        package var warnings: [String]
        /// The keys whose new values count after a restart only.
        package var restartNeeded: [String]
    }

    package enum Outcome: Sendable, Hashable {
        case success(Success)
        case failure(ReloadProblem)
        /// The gateway stops, or has nothing that it could read again.
        case unavailable
    }

    private struct Wish {
        let cause: Cause
        let reply: CheckedContinuation<Outcome, Never>?
    }

    private struct State {
        var record = ConfigurationRecord()
        var waiting: [Wish] = []
        var isClosed = false
    }

    let load: Load?
    private let now: @Sendable () -> Double
    private let state: Mutex<State>
    private let wishes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// A reloader without a wish.
    ///
    /// `load` reads the configuration; without it there is nothing to reload. `now` gives seconds since 1970.
    package init(load: Load? = nil, now: @escaping @Sendable () -> Double = WallClock.seconds) {
        self.now = now
        self.load = load
        var first = State()
        first.record.loadedAt = Int(now())
        state = Mutex(first)
        (wishes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What is known of the configuration that is in use.
    package var record: ConfigurationRecord { state.withLock { $0.record } }

    /// How many wishes wait for their reload to begin.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Wants a reload and does not wait for it; from any thread.
    package func wish(_ cause: Cause) {
        state.withLock { if !$0.isClosed { $0.waiting.append(Wish(cause: cause, reply: nil)) } }
        wake.yield()
    }

    /// Wants a reload and waits for what comes of it.
    package func reload(_ cause: Cause) async -> Outcome {
        guard load != nil else { return .unavailable }
        return await withCheckedContinuation { reply in
            let isClosed = state.withLock { state in
                if !state.isClosed { state.waiting.append(Wish(cause: cause, reply: reply)) }
                return state.isClosed
            }
            if isClosed { reply.resume(returning: .unavailable) } else { wake.yield() }
        }
    }

    /// Performs wishes until it is cancelled; those that came together get one reload.
    func run(_ perform: (Set<Cause>) async throws(ReloadProblem) -> Success) async {
        for await _ in wishes {
            if Task.isCancelled { break }
            let waiting = take()
            guard !waiting.isEmpty else { continue }
            let outcome = await outcome(of: Set(waiting.map(\.cause)), perform)
            for wish in waiting { wish.reply?.resume(returning: outcome) }
        }
        state.withLock { $0.isClosed = true }
        for wish in take() { wish.reply?.resume(returning: .unavailable) }
    }

    private func take() -> [Wish] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func outcome(
        of causes: Set<Cause>,
        _ perform: (Set<Cause>) async throws(ReloadProblem) -> Success
    ) async -> Outcome {
        do throws(ReloadProblem) {
            let success = try await perform(causes)
            let time = Int(now())
            state.withLock { $0.record.didSucceed(success, at: time) }
            return .success(success)
        } catch {
            state.withLock { $0.record.didFail(error) }
            return .failure(error)
        }
    }
}

/// What is known of the configuration in use and of the latest try to replace it.
package struct ConfigurationRecord: Sendable, Hashable {
    /// Counts the configurations that came into use; 1 is the one of the start.
    package private(set) var generation = 1
    /// Whether the latest try succeeded.
    package private(set) var isOK = true
    /// When the configuration in use was read, in seconds since 1970.
    package var loadedAt = 0
    /// Why the latest try failed; nil where it did not.
    package private(set) var problem: String?
    /// The keys whose new values count after a restart only.
    package private(set) var restartNeeded: [String] = []

    mutating func didSucceed(_ success: Reloader.Success, at time: Int) {
        generation = success.generation
        loadedAt = time
        isOK = true
        problem = nil
        restartNeeded = success.restartNeeded
    }

    /// What is in use stays as it is.
    mutating func didFail(_ failure: ReloadProblem) {
        isOK = false
        problem = failure.description
    }
}
