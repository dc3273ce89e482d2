/// What one model costs at one provider, at each time.
struct PriceSchedule: Sendable, Hashable {
    /// What holds from a time on; nil where nobody says.
    struct Change: Sendable, Hashable {
        var from: Int
        var price: Price?
    }

    /// Never empty; ascending, and the first one holds since ever.
    private let changes: [Change]

    /// Puts it together of lists of entries that match, each with the meant one first; a list goes before those behind it, and
    /// `rest` holds where none has an entry yet.
    init(_ lists: [[PriceEntry]], else rest: Price?) {
        let times = Set(lists.joined().compactMap(\.from)).sorted()
        changes = ([Int.min] + times).map { time in
            let entry = lists.lazy.compactMap { list in list.first { ($0.from ?? .min) <= time } }.first
            return Change(from: time, price: entry?.price ?? rest)
        }
    }

    /// What it costs at a time, and the times from and until which that is so.
    func period(at milliseconds: Int) -> (price: Price?, since: Int, until: Int) {
        // There are hardly ever more than two.
        let place = changes.lastIndex { $0.from <= milliseconds } ?? 0
        let until = place + 1 < changes.count ? changes[place + 1].from : .max
        return (changes[place].price, changes[place].from, until)
    }

    func price(at milliseconds: Int) -> Price? { period(at: milliseconds).price }
}
