/// The responses that wait to be written: bounded by their bytes, in their order.
struct Backlog {
    private let limit: Int
    private var waiting: [KeptResponse] = []
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
    mutating func add(_ response: KeptResponse) -> Added {
        guard waiting.isEmpty || bytes + response.weight <= limit else { return .refused }
        waiting.append(response)
        bytes += response.weight
        return waiting.count == 1 ? .first : .behindOthers
    }

    /// Takes out what waits, the oldest first, up to a number that makes one transaction.
    mutating func take(_ most: Int) -> [KeptResponse] {
        let batch = Array(waiting.prefix(most))
        waiting.removeFirst(batch.count)
        bytes -= batch.reduce(0) { $0 + $1.weight }
        return batch
    }
}
