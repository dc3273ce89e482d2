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

    /// Beyond this many, figures that nobody needs make room for others: callers may name models as they like.
    ///
    /// There are more than planners and requests under way hold.
    static let most = 16_384

    private struct Meters {
        var all: [Key: Meter] = [:]
        /// Since when all of them are in use, by the clock; nil where that is not known.
        var fullSince: Int?
    }

    private let meters = Mutex(Meters())
    private let milliseconds: @Sendable () -> Int
    /// Of those to whom nothing is ever sent.
    let nobody: Meter

    /// - Parameter milliseconds: a clock that never goes back.
    package init(milliseconds: @escaping @Sendable () -> Int = MonotonicClock.milliseconds) {
        self.milliseconds = milliseconds
        nobody = Meter(milliseconds)
    }

    /// The figures' place; the same one for as long as anybody has it, or it says anything.
    package func meter(of model: String, at provider: String) -> Meter {
        meters.withLock { meters in
            let key = Key(provider: provider, model: model)
            if let meter = meters.all[key] { return meter }
            if meters.all.count >= Self.most { makeRoom(in: &meters) }
            // All of them are in use: what is beyond counts together, for each provider.
            let counted = meters.all.count < Self.most ? key : Key(provider: provider, model: "")
            if let meter = meters.all[counted] { return meter }
            let meter = Meter(milliseconds)
            meters.all[counted] = meter
            return meter
        }
    }

    /// Lets those go that nobody has and that say nothing; where all say something, those that nobody has.
    private func makeRoom(in meters: inout Meters) {
        let now = milliseconds()
        // Looking at all of them is not for every request.
        if let since = meters.fullSince, now - since < 1_000 { return }
        for sparesFresh in [true, false] where meters.all.count >= Self.most {
            for key in Self.idle(in: &meters.all, sparesFresh: sparesFresh) { meters.all[key] = nil }
        }
        meters.fullSince = meters.all.count >= Self.most ? now : nil
    }

    private static func idle(in meters: inout [Key: Meter], sparesFresh: Bool) -> [Key] {
        var idle: [Key] = []
        var index = meters.startIndex
        while index != meters.endIndex {
            let isHeld = !isKnownUniquelyReferenced(&meters.values[index])
            let (key, meter) = meters[index]
            let saysSomething = meter.inFlight > 0 || (sparesFresh && meter.firstTokenMilliseconds != nil)
            if !isHeld, !saysSomething { idle.append(key) }
            meters.formIndex(after: &index)
        }
        return idle
    }

    /// Forgets the figures of providers that are others from now on; what still goes to the ones before says nothing of them.
    func forget(_ isOther: (String) -> Bool) {
        let names = meters.withLock { Set($0.all.keys.map(\.provider)) }.filter(isOther)
        guard !names.isEmpty else { return }
        meters.withLock { meters in meters.all = meters.all.filter { !names.contains($0.key.provider) } }
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
