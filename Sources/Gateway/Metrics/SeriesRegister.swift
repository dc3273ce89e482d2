import Synchronization

/// Which label sets have a series, over all event loops: every name has so many and no more.
///
/// A loop asks once for each label set that is new to it; no request that is like another one takes the lock.
final class SeriesRegister: Sendable {
    private struct Name {
        var known: Set<[String]> = []
        var overflowed = 0
    }

    /// Of one name, the one of what found no room among them.
    let most: Int
    private let names: Mutex<[Name]>

    init(most: Int) {
        self.most = most
        names = Mutex([Name](repeating: Name(), count: GatewayMetrics.Counted.allCases.count))
    }

    /// The labels under which something counts: its own, or where there is no room for them `other` in each place.
    func admitted(_ labels: [String], to name: GatewayMetrics.Counted) -> [String] {
        names.withLock { names in
            if names[name.rawValue].known.contains(labels) { return labels }
            guard names[name.rawValue].known.count < most - 1 else {
                names[name.rawValue].overflowed += 1
                return [String](repeating: MetricName.other, count: labels.count)
            }
            names[name.rawValue].known.insert(labels)
            return labels
        }
    }

    /// How many series there are.
    var count: Int { names.withLock { $0.reduce(0) { $0 + $1.known.count + ($1.overflowed > 0 ? 1 : 0) } } }

    /// How many label sets found no room, by name; a set that an event loop has forgotten counts again.
    var overflowed: [(name: MetricName, count: Int)] {
        let counts = names.withLock { $0.map(\.overflowed) }
        return GatewayMetrics.Counted.allCases.map { ($0.name, counts[$0.rawValue]) }
    }
}
