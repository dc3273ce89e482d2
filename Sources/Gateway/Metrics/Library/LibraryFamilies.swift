/// The metrics of libraries by their names, and the series of each: both bounded.
struct LibraryFamilies: Sendable {
    struct Key: Hashable, Sendable {
        /// The name, as Prometheus takes it.
        let base: String
        let kind: MetricName.Kind
        var bounds: [Double] = []
    }

    struct Label: Hashable, Sendable {
        let name: String
        let value: String
    }

    private struct Entry: Sendable {
        let series: LibrarySeries
        /// How many handlers are out: it goes with the last one that is destroyed.
        var users = 0
    }

    private struct Family: Sendable {
        /// The base, or another one where somebody has that already.
        let name: String
        let help: String
        var entries: [[Label]: Entry] = [:]
        /// What stands for all those there was no room for.
        var rest: Entry?
    }

    private let mostNames: Int
    private let mostSeries: Int
    private var families: [Key: Family] = [:]
    /// The names of samples that are in use.
    private var taken: Set<String>
    /// How many handlers could not have a metric of their own.
    private(set) var overflowed: UInt64 = 0

    init(mostNames: Int, mostSeries: Int, reserved: [MetricName]) {
        self.mostNames = mostNames
        self.mostSeries = mostSeries
        taken = Set(reserved.flatMap(\.sampleNames))
    }

    /// The series of these labels, the one that is there or a new one; nil where there is no room for its name.
    mutating func series(of key: Key, help: String, labels: [Label]) -> LibrarySeries? {
        if families[key] == nil {
            guard families.count < mostNames, let name = freeName(for: key) else {
                overflowed += 1
                return nil
            }
            taken.formUnion(MetricName(key.kind, name, help).sampleNames)
            families[key] = Family(name: name, help: help)
        }
        let isKnown = families[key]?.entries[labels] != nil
        guard isKnown || families[key]?.entries.count ?? 0 < mostSeries else {
            overflowed += 1
            var rest = families[key]?.rest ?? Entry(series: LibrarySeries(key, labels: nil))
            rest.users += 1
            families[key]?.rest = rest
            return rest.series
        }
        var entry = families[key]?.entries[labels] ?? Entry(series: LibrarySeries(key, labels: labels))
        entry.users += 1
        families[key]?.entries[labels] = entry
        return entry.series
    }

    /// A handler of a series is gone; the last one takes the series along, and the last series its name.
    mutating func release(_ series: LibrarySeries) {
        guard var family = families[series.key] else { return }
        if let labels = series.labels {
            guard var entry = family.entries[labels], entry.series === series else { return }
            entry.users -= 1
            family.entries[labels] = entry.users > 0 ? entry : nil
        } else if var rest = family.rest, rest.series === series {
            rest.users -= 1
            family.rest = rest.users > 0 ? rest : nil
        }
        if family.entries.isEmpty, family.rest == nil {
            taken.subtract(MetricName(series.key.kind, family.name, "").sampleNames)
            families[series.key] = nil
        } else {
            families[series.key] = family
        }
    }

    /// A name that no sample has yet: of two kinds of the same name the later one says its kind.
    private func freeName(for key: Key) -> String? {
        [key.base, "\(key.base)_\(key.kind)"].first { name in
            taken.isDisjoint(with: MetricName(key.kind, name, "").sampleNames)
        }
    }

    /// All of them as they are now, by name.
    func snapshot() -> [MetricFamily] {
        families.map { key, family in Self.snapshot(of: family, key) }.sorted { $0.name.name < $1.name.name }
    }

    /// Every series has all labels that any of them has: what a library did not say is empty, which means the same.
    private static func snapshot(of family: Family, _ key: Key) -> MetricFamily {
        let labels = Set(family.entries.keys.joined().map(\.name)).sorted()
        let name = MetricName(key.kind, family.name, family.help, labels: labels, bounds: key.bounds)
        let series = family.entries.map { own, entry in
            let values = labels.map { label in own.first { $0.name == label }?.value ?? "" }
            return MetricFamily.Series(labels: values, value: entry.series.value)
        }
        var whole = MetricFamily(
            name: name,
            series: series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
        )
        if let rest = family.rest {
            let others = labels.map { _ in MetricName.other }
            let one = MetricFamily.Series(labels: others, value: rest.series.value)
            whole.merge(MetricFamily(name: name, series: [one]))
        }
        return whole
    }
}
