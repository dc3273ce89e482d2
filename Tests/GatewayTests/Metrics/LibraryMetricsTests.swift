import CoreMetrics
import Testing

@testable import Gateway

// A counter is CoreMetrics' in full here: the harness has another one.
@Suite("The metrics of libraries")
struct LibraryMetricsTests {
    private static func numbers(_ family: MetricFamily?) -> [[String]: Double] {
        var numbers: [[String]: Double] = [:]
        for series in family?.series ?? [] {
            if case .number(let number) = series.value { numbers[series.labels] = number }
        }
        return numbers
    }

    /// The number of a family that has one series and no labels.
    private static func number(_ family: MetricFamily?) -> Double? {
        guard let family, family.series.count == 1, family.name.labels.isEmpty else { return nil }
        return numbers(family)[[]]
    }

    private static func histogram(_ family: MetricFamily?) -> Histogram? {
        guard case .histogram(let histogram)? = family?.series.first?.value else { return nil }
        return histogram
    }

    @Test("are what they wrote, each in its kind")
    func kinds() {
        let library = LibraryMetrics()
        let counter = CoreMetrics.Counter(label: "hb.requests", dimensions: [("http.route", "/a")], factory: library)
        counter.increment(by: 2)
        counter.increment()
        let floating = FloatingPointCounter(label: "paid", factory: library)
        floating.increment(by: 0.25)
        floating.increment(by: 0.5)
        let meter = Meter(label: "open", factory: library)
        meter.set(4)
        meter.increment(by: 2.5)
        meter.decrement(by: 1.0)
        Gauge(label: "depth", factory: library).record(7)
        let recorder = Recorder(label: "size", factory: library)
        recorder.record(50)
        recorder.record(0.5)
        Timer(label: "wait", factory: library).recordNanoseconds(Int64(250_000_000))

        let families = library.families()
        #expect(families.map(\.name.name) == ["depth", "hb_requests", "open", "paid", "size", "wait_seconds"])
        #expect(families.map(\.name.kind) == [.gauge, .counter, .gauge, .counter, .histogram, .histogram])
        #expect(families[1].name.labels == ["http_route"])
        #expect(Self.numbers(families[1]) == [["/a"]: 3])
        #expect(Self.number(families[0]) == 7)
        #expect(Self.number(families[2]) == 5.5)
        #expect(Self.number(families[3]) == 0.75)
        #expect(Self.histogram(families[4])?.sum == 50.5)
        #expect(Self.histogram(families[4])?.count == 2)
        #expect(Self.histogram(families[5])?.sum == 0.25)
    }

    @Test("counters only grow, and begin anew when they are told to")
    func counters() {
        let library = LibraryMetrics()
        let counter = library.makeFloatingPointCounter(label: "paid", dimensions: [])
        counter.increment(by: 2)
        counter.increment(by: -1)
        counter.increment(by: .nan)
        #expect(Self.number(library.families().first) == 2)
        counter.reset()
        #expect(Self.number(library.families().first) == 0)
    }

    @Test(
        "have names that Prometheus takes",
        arguments: [
            ("http.server-requests", "http_server_requests"), ("9lives", "_9lives"), ("größe", "gr__e"), ("", "_"),
            ("a:b", "a_b"), ("hits_total", "hits"), ("hits_total_total", "hits"), ("_total", "_"),
        ]
    )
    func names(label: String, name: String) {
        let library = LibraryMetrics()
        CoreMetrics.Counter(label: label, factory: library).increment()
        #expect(library.families().map(\.name.name) == [name])
    }

    @Test("have labels that Prometheus takes, the same ones in any order")
    func labels() {
        let library = LibraryMetrics()
        let dimensions = [("le", "1"), ("__name__", "2"), ("a.b", "3"), ("a-b", "4"), ("empty", "")]
        CoreMetrics.Counter(label: "hits", dimensions: dimensions, factory: library).increment()
        CoreMetrics.Counter(label: "hits", dimensions: dimensions.reversed(), factory: library).increment()
        let family = library.families().first
        #expect(family?.name.labels == ["_name__", "a_b", "a_b_", "le_"])
        #expect(Self.numbers(family) == [["2", "4", "3", "1"]: 2])
    }

    @Test("have all labels of their name in each series")
    func unlike() {
        let library = LibraryMetrics()
        CoreMetrics.Counter(label: "hits", factory: library).increment()
        CoreMetrics.Counter(label: "hits", dimensions: [("b", "")], factory: library).increment()
        CoreMetrics.Counter(label: "hits", dimensions: [("a", "1")], factory: library).increment(by: 4)
        CoreMetrics.Counter(label: "hits", dimensions: [("b", "2")], factory: library).increment(by: 8)
        let family = library.families().first
        #expect(family?.name.labels == ["a", "b"])
        #expect(Self.numbers(family) == [["", ""]: 2, ["1", ""]: 4, ["", "2"]: 8])
    }

    @Test("of two kinds or of a reserved name get a name that nobody has")
    func clashes() {
        let library = LibraryMetrics(reserved: [MetricName(.histogram, "torii_wait_seconds", "A wait.")])
        Gauge(label: "pool", factory: library).record(1)
        Recorder(label: "pool", factory: library).record(1)
        Gauge(label: "pool_histogram_count", factory: library).record(1)
        Timer(label: "torii.wait", factory: library).recordNanoseconds(Int64(1))
        let families = library.families()
        #expect(
            families.map(\.name.name) == [
                "pool", "pool_histogram", "pool_histogram_count_gauge", "torii_wait_seconds_histogram",
            ]
        )
        let names = families.flatMap(\.name.sampleNames)
        #expect(Set(names).count == names.count)
    }

    @Test("are bounded: what there is no room for counts as other, or not at all")
    func bounded() {
        let library = LibraryMetrics(mostNames: 2, mostSeries: 3)
        for key in 0..<10 {
            let hits = CoreMetrics.Counter(label: "hits", dimensions: [("key", "\(key)")], factory: library)
            hits.increment()
        }
        for name in 0..<10 { Gauge(label: "name\(name)", factory: library).record(1) }
        let families = library.families()
        #expect(families.map(\.name.name) == ["hits", "name0"])
        #expect(Self.numbers(families.first) == [["0"]: 1, ["1"]: 1, ["2"]: 1, ["other"]: 7])
        #expect(library.overflowed == 16)
    }

    @Test("count what overflows with those who are named that")
    func named() {
        let library = LibraryMetrics(mostSeries: 1)
        for key in ["other", "a", "b"] {
            CoreMetrics.Counter(label: "hits", dimensions: [("key", key)], factory: library).increment()
        }
        #expect(library.families().first?.series == [MetricFamily.Series(labels: ["other"], value: .number(3))])
    }

    @Test("stay until the last that writes them is destroyed, and make room then")
    func destroyed() {
        let library = LibraryMetrics(mostNames: 1)
        let first = CoreMetrics.Counter(label: "hits", factory: library)
        let second = CoreMetrics.Counter(label: "hits", factory: library)
        first.increment()
        first.destroy()
        second.increment()
        #expect(Self.number(library.families().first) == 2)
        second.destroy()
        #expect(library.families().isEmpty)
        Gauge(label: "hits", factory: library).record(3)
        #expect(library.families().map(\.name.kind) == [.gauge])
    }

    @Test("lose nothing when many threads write while they are read")
    func threads() async {
        let library = LibraryMetrics(mostSeries: 8)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let timer = Timer(label: "wait", factory: library)
                    for round in 0..<500 {
                        let dimensions = [("key", "\((task + round) % 20)")]
                        CoreMetrics.Counter(label: "hits", dimensions: dimensions, factory: library).increment()
                        timer.recordNanoseconds(Int64(500_000_000))
                        if round % 50 == 0 { _ = library.families() }
                    }
                }
            }
        }
        let families = library.families()
        #expect(families.map(\.name.name) == ["hits", "wait_seconds"])
        #expect(families.first?.series.count == 9)
        #expect(Self.numbers(families.first).values.reduce(0, +) == 4_000)
        #expect(Self.histogram(families.last)?.count == 4_000)
        #expect(Self.histogram(families.last)?.sum == 2_000)
    }

    @Test("can be read as a scrape, whatever they are called")
    func scrape() throws {
        let library = LibraryMetrics()
        let dimensions = [("quo\"te", "a\"b"), ("line\nend", "c\nd"), ("", "e\\")]
        CoreMetrics.Counter(label: "hits\n\"", dimensions: dimensions, factory: library).increment()
        Timer(label: "wait\\", dimensions: dimensions, factory: library).recordNanoseconds(Int64(1))
        for format in ExpositionFormat.allCases {
            let text = try ScrapedText(PrometheusText.bytes(of: library.families(), as: format))
            let counter = text.samples.first { $0.name == "hits___total" }
            #expect(counter?["quo_te"] == "a\"b")
            #expect(counter?["line_end"] == "c\nd")
            #expect(counter?["_"] == "e\\")
        }
    }
}
