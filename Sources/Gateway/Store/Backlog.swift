/// Something that takes memory while it waits.
protocol Weighted {
    /// Bytes, about.
    var weight: Int { get }
}

/// What waits to be written: bounded by its bytes, in its order.
struct Backlog<Item: Weighted> {
    private let limit: Int
    private var waiting: [Item] = []
    private(set) var bytes = 0

    init(limit: Int) { self.limit = limit }

    enum Added: Hashable {
        /// It is the first one: somebody has to come and write it.
        case first
        case behindOthers
        /// There is no room for it.
        case refused
    }

    /// Adds one, if there is room; one alone may be larger than the bound.
    mutating func add(_ item: Item) -> Added {
        guard waiting.isEmpty || bytes + item.weight <= limit else { return .refused }
        waiting.append(item)
        bytes += item.weight
        return waiting.count == 1 ? .first : .behindOthers
    }

    /// Takes out what waits, the oldest first, up to a number that makes one transaction.
    mutating func take(_ most: Int) -> [Item] {
        let batch = Array(waiting.prefix(most))
        waiting.removeFirst(batch.count)
        bytes -= batch.reduce(0) { $0 + $1.weight }
        return batch
    }
}
