/// Writes families of metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
///
/// They differ in where `_total` stands, in the escaping of what a name means, and in that OpenMetrics alone has units,
/// exemplars and an end. `_created` is not written in either.
struct PrometheusText {
    private let format: ExpositionFormat
    private var out: ExpositionBytes
    /// The labels of the series that is written, without the closing brace.
    private var labels = ExpositionBytes(capacity: 256)

    init(_ format: ExpositionFormat, capacity: Int = 65_536) {
        self.format = format
        out = ExpositionBytes(capacity: capacity)
    }

    var bytes: [UInt8] { out.bytes }

    /// All families from the first byte to the last.
    static func bytes(of families: [MetricFamily], as format: ExpositionFormat) -> [UInt8] {
        var text = PrometheusText(format)
        for family in families { text.append(family) }
        text.finish()
        return text.bytes
    }

    /// Writes a family; each one once.
    mutating func append(_ family: MetricFamily) {
        describe(family.name)
        switch family.name.kind {
        case .counter: numbers(of: family, suffix: "_total")
        case .gauge: numbers(of: family, suffix: "")
        case .histogram: histograms(of: family)
        }
    }

    /// Writes what stands behind the last family.
    mutating func finish() {
        if format == .openMetrics { out.text("# EOF\n") }
    }

    private mutating func describe(_ name: MetricName) {
        switch format {
        case .prometheus:
            let shown = name.kind == .counter ? "\(name.name)_total" : name.name
            metadata("HELP", shown)
            out.escaped(name.help, quotes: false)
            out.text("\n")
            metadata("TYPE", shown)
            out.text(name.kind.word)
        case .openMetrics:
            metadata("TYPE", name.name)
            out.text(name.kind.word)
            if let unit = name.unit {
                out.text("\n")
                metadata("UNIT", name.name)
                out.text(unit)
            }
            out.text("\n")
            metadata("HELP", name.name)
            out.escaped(name.help, quotes: true)
        }
        out.text("\n")
    }

    private mutating func metadata(_ word: String, _ name: String) { out.text("# \(word) \(name) ") }

    private mutating func numbers(of family: MetricFamily, suffix: String) {
        let name = Array("\(family.name.name)\(suffix)".utf8)
        let heads = Self.heads(of: family.name)
        for series in family.series {
            guard case .number(let number) = series.value else { continue }
            write(series.labels, heads)
            out.raw(name)
            closeLabels()
            out.number(number)
            out.text("\n")
        }
    }

    private mutating func histograms(of family: MetricFamily) {
        let names = ["_bucket", "_sum", "_count"].map { Array("\(family.name.name)\($0)".utf8) }
        let heads = Self.heads(of: family.name)
        let bounds = Self.bounds(of: family.name)
        for series in family.series {
            guard case .histogram(let histogram) = series.value else { continue }
            write(series.labels, heads)
            var below: UInt64 = 0
            for (bucket, bound) in bounds.enumerated() where bucket < histogram.counts.count {
                below += histogram.counts[bucket]
                out.raw(names[0])
                out.raw(labels.bytes)
                out.raw(bound)
                out.number(below)
                if format == .openMetrics, !histogram.exemplars.isEmpty { write(histogram.exemplars[bucket]) }
                out.text("\n")
            }
            out.raw(names[1])
            closeLabels()
            out.number(histogram.sum)
            out.text("\n")
            out.raw(names[2])
            closeLabels()
            out.number(below)
            out.text("\n")
        }
    }

    /// Puts the labels of a series where its lines take them from.
    private mutating func write(_ values: [String], _ heads: [[UInt8]]) {
        labels.removeAll()
        for (head, value) in zip(heads, values) {
            labels.raw(head)
            labels.escaped(value, quotes: true)
            labels.text("\"")
        }
    }

    /// The labels behind a name, closed, and the space before the value.
    private mutating func closeLabels() {
        out.raw(labels.bytes)
        out.text(labels.bytes.isEmpty ? " " : "} ")
    }

    private mutating func write(_ exemplar: Exemplar?) {
        // The specification allows 128 characters for the names and values together.
        let name = "request_id"
        guard let exemplar, name.count + exemplar.requestID.unicodeScalars.count <= 128 else { return }
        out.text(" # {\(name)=\"")
        out.escaped(exemplar.requestID, quotes: true)
        out.text("\"} ")
        out.number(exemplar.value)
        out.text(" ")
        out.number(exemplar.at)
    }

    /// What stands before each label's value.
    private static func heads(of name: MetricName) -> [[UInt8]] {
        name.labels.enumerated().map { place, label in Array("\(place == 0 ? "{" : ",")\(label)=\"".utf8) }
    }

    /// What stands between a series' labels and each bucket's count.
    private static func bounds(of name: MetricName) -> [[UInt8]] {
        (name.bounds + [Double.infinity]).map { bound in
            Array("\(name.labels.isEmpty ? "{" : ",")le=\"\(ExpositionBytes.bound(bound))\"} ".utf8)
        }
    }
}

extension MetricName.Kind {
    /// As both formats call it.
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
