import CoreMetrics
import Synchronization

/// Where the metrics of libraries go: a back end of swift-metrics that a scrape shows beside the gateway's own.
///
/// Names and series are bounded, since a library may make of a caller's words what it likes. Timers are in seconds;
/// timers and recorders that aggregate have fixed buckets.
final class LibraryMetrics: MetricsFactory, Sendable {
    private static let timerBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Nobody says what is recorded: a bound for each power of ten.
    private static let recorderBounds: [Double] = [
        0.001, 0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000,
    ]

    private let known: Mutex<LibraryFamilies>

    /// `reserved` are names that no library's metric may have.
    init(mostNames: Int = 200, mostSeries: Int = 200, reserved: [MetricName] = []) {
        known = Mutex(LibraryFamilies(mostNames: mostNames, mostSeries: mostSeries, reserved: reserved))
    }

    /// All of them as they are now, by name.
    func families() -> [MetricFamily] {
        let known = known.withLock { $0 }
        return known.snapshot()
    }

    /// How many handlers could not have a series of their own.
    var overflowed: UInt64 { known.withLock { $0.overflowed } }

    // MARK: Making

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let found =
            aggregate
            ? series(.histogram, label, dimensions, bounds: Self.recorderBounds)
            : series(.gauge, label, dimensions)
        return found ?? NOOPMetricsHandler.instance
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(.histogram, label, dimensions, bounds: Self.timerBounds, unit: "seconds") ?? NOOPMetricsHandler.instance
    }

    private func series(
        _ kind: MetricName.Kind,
        _ label: String,
        _ dimensions: [(String, String)],
        bounds: [Double] = [],
        unit: String? = nil
    ) -> LibrarySeries? {
        let base = LibraryWords.metric(label, kind, unit: unit)
        let key = LibraryFamilies.Key(base: base, kind: kind, bounds: bounds)
        let labels = Self.labels(dimensions)
        return known.withLock { $0.series(of: key, help: "A library's \(label).", labels: labels) }
    }

    /// The same labels for the same dimensions, in whichever order they are given.
    private static func labels(_ dimensions: [(String, String)]) -> [LibraryFamilies.Label] {
        var labels: [LibraryFamilies.Label] = []
        for (name, value) in dimensions.sorted(by: { $0.0 < $1.0 }) where !value.isEmpty {
            var word = LibraryWords.label(name)
            while labels.contains(where: { $0.name == word }) { word += "_" }
            labels.append(LibraryFamilies.Label(name: word, value: value))
        }
        return labels
    }

    // MARK: Destroying

    func destroyCounter(_ handler: any CounterHandler) { release(handler) }
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { release(handler) }
    func destroyMeter(_ handler: any MeterHandler) { release(handler) }
    func destroyRecorder(_ handler: any RecorderHandler) { release(handler) }
    func destroyTimer(_ handler: any TimerHandler) { release(handler) }

    private func release(_ handler: AnyObject) {
        guard let series = handler as? LibrarySeries else { return }
        known.withLock { $0.release(series) }
    }
}
