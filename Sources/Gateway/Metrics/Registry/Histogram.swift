/// One histogram's counts, confined to whoever owns it.
struct Histogram: Sendable, Equatable {
    /// The upper bounds, each still in its bucket, ascending.
    let bounds: [Double]
    /// How many values were in each bucket alone: one more than there are bounds.
    private(set) var counts: [UInt64]
    private(set) var sum: Double
    /// Each bucket's newest exemplar; empty for as long as there is none at all.
    private(set) var exemplars: [Exemplar?]

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
        sum = 0
        exemplars = []
    }

    /// How many values there were.
    var count: UInt64 { counts.reduce(0, +) }

    /// Notes a value; what is no finite number is left out, since no sum would be one from then on.
    mutating func note(_ value: Double) {
        guard value.isFinite else { return }
        counts[bucket(of: value)] += 1
        sum += value
    }

    /// Notes a value and keeps its exemplar in the place of its bucket's last one.
    mutating func note(_ value: Double, exemplar: Exemplar) {
        guard value.isFinite else { return }
        let place = bucket(of: value)
        counts[place] += 1
        sum += value
        if exemplars.isEmpty { exemplars = Array(repeating: nil, count: counts.count) }
        exemplars[place] = exemplar
    }

    /// Adds another one of the same bounds.
    mutating func merge(_ other: Histogram) {
        precondition(bounds == other.bounds, "Histograms are merged with those of the same bounds.")
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        sum += other.sum
        guard !other.exemplars.isEmpty else { return }
        if exemplars.isEmpty { exemplars = Array(repeating: nil, count: counts.count) }
        for (bucket, exemplar) in other.exemplars.enumerated() {
            guard let exemplar, exemplar.at > exemplars[bucket]?.at ?? -Double.infinity else { continue }
            exemplars[bucket] = exemplar
        }
    }

    private func bucket(of value: Double) -> Int {
        var bucket = 0
        while bucket < bounds.count, bounds[bucket] < value { bucket += 1 }
        return bucket
    }
}
