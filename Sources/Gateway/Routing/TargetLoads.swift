import Synchronization

/// How a target fares: what routing by load looks at.
package struct TargetLoad: Sendable, Hashable {
    /// Requests under way.
    package var inFlight: Int
    /// The moving average of the time to the first token; nil where there was none lately.
    package var firstTokenMilliseconds: Double?

    package init(inFlight: Int = 0, firstTokenMilliseconds: Double? = nil) {
        self.inFlight = inFlight
        self.firstTokenMilliseconds = firstTokenMilliseconds
    }
}

/// The loads of all targets, a model at a provider each: written by whoever makes attempts, read by routing.
///
/// The figures are atomic and each event loop writes them at once; only finding a target's place takes a lock, so that
/// whoever counts often keeps the `Meter`.
package final class TargetLoads: Sendable {
    private struct Key: Hashable {
        let provider: String
        let model: String
    }

    /// Callers may name models as they like; what is beyond this many counts together, for each provider.
    private static let most = 4_096

    private let meters = Mutex<[Key: Meter]>([:])
    private let milliseconds: @Sendable () -> Int

    /// - Parameter milliseconds: a clock that never goes back.
    package init(milliseconds: @escaping @Sendable () -> Int = MonotonicClock.milliseconds) {
        self.milliseconds = milliseconds
    }

    /// The figures' place; the same one for as long as the gateway runs.
    package func meter(of model: String, at provider: String) -> Meter {
        meters.withLock { meters in
            let key = Key(provider: provider, model: model)
            if let meter = meters[key] { return meter }
            let counted = meters.count < Self.most ? key : Key(provider: provider, model: "")
            if let meter = meters[counted] { return meter }
            let meter = Meter(milliseconds)
            meters[counted] = meter
            return meter
        }
    }

    package func load(of model: String, at provider: String) -> TargetLoad { meter(of: model, at: provider).load }

    /// An attempt begins.
    package func didStart(_ model: String, at provider: String) { meter(of: model, at: provider).didStart() }

    /// Its first token came so long after it began.
    package func firstToken(after milliseconds: Double, of model: String, at provider: String) {
        meter(of: model, at: provider).firstToken(after: milliseconds)
    }

    /// It is over, whichever way.
    package func didEnd(_ model: String, at provider: String) { meter(of: model, at: provider).didEnd() }

    /// One target's figures.
    package final class Meter: Sendable {
        /// The part of a new time in the average.
        private static let share = 0.2
        /// An average that is older says nothing any more.
        private static let patience = 60_000

        private let running = Atomic<Int>(0)
        private let average = Atomic<UInt64>(Double.nan.bitPattern)
        private let averagedAt = Atomic<Int>(0)
        private let milliseconds: @Sendable () -> Int

        fileprivate init(_ milliseconds: @escaping @Sendable () -> Int) { self.milliseconds = milliseconds }

        package func didStart() { running.add(1, ordering: .relaxed) }
        package func didEnd() { running.subtract(1, ordering: .relaxed) }

        package func firstToken(after time: Double) {
            let now = milliseconds()
            let isFresh = now - averagedAt.load(ordering: .relaxed) <= Self.patience
            var old = average.load(ordering: .relaxed)
            while true {
                let known = Double(bitPattern: old)
                let new = known.isNaN || !isFresh ? time : known + (time - known) * Self.share
                let (isDone, found) = average.compareExchange(
                    expected: old,
                    desired: new.bitPattern,
                    ordering: .relaxed
                )
                if isDone { break }
                old = found
            }
            averagedAt.store(now, ordering: .relaxed)
        }

        package var inFlight: Int { running.load(ordering: .relaxed) }

        /// The average of the last minute's times to the first token.
        package var firstTokenMilliseconds: Double? {
            let known = Double(bitPattern: average.load(ordering: .relaxed))
            guard !known.isNaN, milliseconds() - averagedAt.load(ordering: .relaxed) <= Self.patience else {
                return nil
            }
            return known
        }

        package var load: TargetLoad {
            TargetLoad(inFlight: inFlight, firstTokenMilliseconds: firstTokenMilliseconds)
        }
    }
}

/// Time that never goes back.
package enum MonotonicClock {
    private static let start = ContinuousClock.now

    /// Milliseconds since the process first asked.
    package static let milliseconds: @Sendable () -> Int = {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
