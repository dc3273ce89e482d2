/// What a metric is called and means.
struct MetricName: Sendable, Hashable {
    enum Kind: Sendable { case counter, gauge, histogram }

    /// The value of every label of the series that stands for all those there was no room for.
    static let other = "other"

    /// As Prometheus shows it, a counter's without `_total`.
    let name: String
    let help: String
    let kind: Kind
    /// The labels' names, in their order.
    let labels: [String]
    /// A histogram's upper bounds, ascending, without infinity; none for the others.
    let bounds: [Double]

    init(_ kind: Kind, _ name: String, _ help: String, labels: [String] = [], bounds: [Double] = []) {
        precondition(kind != .counter || !name.hasSuffix("_total"), "The name of a counter is given without _total.")
        self.kind = kind
        self.name = name
        self.help = help
        self.labels = labels
        self.bounds = bounds
    }

    /// The unit that the name ends in, if it is one.
    var unit: String? { Self.units.first { name.hasSuffix("_\($0)") } }

    private static let units = ["seconds", "bytes", "usd", "ratio"]

    /// All names that its samples have in either format; no two metrics of a scrape may have one in common.
    var sampleNames: [String] {
        let suffixes =
            switch kind {
            case .gauge: [""]
            case .counter: ["", "_total", "_created"]
            case .histogram: ["", "_bucket", "_sum", "_count", "_created"]
            }
        return suffixes.map { name + $0 }
    }
}
