import CoreMetrics
import Synchronization

/// One series of a library's metric: all that libraries write to, from whichever thread.
final class LibrarySeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private struct State {
        var number = 0.0
        var histogram: Histogram?
    }

    let key: LibraryFamilies.Key
    /// Nil for the one that stands for all those there was no room for.
    let labels: [LibraryFamilies.Label]?
    private let state: Mutex<State>

    init(_ key: LibraryFamilies.Key, labels: [LibraryFamilies.Label]?) {
        self.key = key
        self.labels = labels
        state = Mutex(State(histogram: key.kind == .histogram ? Histogram(bounds: key.bounds) : nil))
    }

    /// What it comes to.
    var value: MetricFamily.Value {
        let state = state.withLock { $0 }
        return state.histogram.map(MetricFamily.Value.histogram) ?? .number(state.number)
    }

    // MARK: Counters and meters

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func reset() { set(0.0) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.number = value } }

    /// A counter only grows: what would take something from it, or make it no number, is left out.
    private func add(_ amount: Double) {
        guard amount.isFinite, key.kind != .counter || amount >= 0 else { return }
        state.withLock { $0.number += amount }
    }

    // MARK: Recorders and timers

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard key.kind == .histogram else { return set(value) }
        state.withLock { $0.histogram?.note(value) }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
