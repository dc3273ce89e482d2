/// The series of one name by the values of its labels.
///
/// A value: whoever owns it, an event loop mostly, has it alone. It has `most` series at most, and beside them one
/// whose every label is `other`: to that goes whatever there is no room for.
struct SeriesTable: Sendable {
    let name: MetricName
    private let most: Int
    /// How often there was no room for what was looked for.
    private(set) var overflowed: UInt64 = 0
    private var places: [[String]: Int] = [:]
    private var labels: [[String]] = []
    /// Of counters and gauges, by index.
    private var numbers: [Double] = []
    /// Of histograms, by index.
    private var histograms: [Histogram] = []

    init(_ name: MetricName, most: Int) {
        self.name = name
        self.most = most
    }

    var count: Int { labels.count }

    /// The index of a series, for good: of a new one where there is none yet, the overflow's where there is no room.
    mutating func index(of values: [String]) -> Int {
        if let index = places[values] { return index }
        precondition(values.count == name.labels.count, "A series has a value for each label of its name.")
        if labels.count < most { return make(values) }
        overflowed += 1
        let rest = Array(repeating: MetricName.other, count: values.count)
        if let index = places[rest] { return index }
        return make(rest)
    }

    /// Adds to a counter or a gauge.
    mutating func add(_ amount: Double, at index: Int) { numbers[index] += amount }

    /// Sets a gauge.
    mutating func set(_ value: Double, at index: Int) { numbers[index] = value }

    /// Notes a histogram's value.
    mutating func note(_ value: Double, at index: Int, exemplar: Exemplar? = nil) {
        if let exemplar {
            histograms[index].note(value, exemplar: exemplar)
        } else {
            histograms[index].note(value)
        }
    }

    /// All series as they are now, in the order of their making.
    func snapshot() -> MetricFamily {
        var series: [MetricFamily.Series] = []
        series.reserveCapacity(labels.count)
        for (index, values) in labels.enumerated() {
            let value: MetricFamily.Value =
                name.kind == .histogram ? .histogram(histograms[index]) : .number(numbers[index])
            series.append(MetricFamily.Series(labels: values, value: value))
        }
        return MetricFamily(name: name, series: series)
    }

    private mutating func make(_ values: [String]) -> Int {
        let index = labels.count
        places[values] = index
        labels.append(values)
        if name.kind == .histogram {
            histograms.append(Histogram(bounds: name.bounds))
        } else {
            numbers.append(0)
        }
        return index
    }
}
