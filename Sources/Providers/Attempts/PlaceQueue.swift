/// Places at a provider, and a bounded queue for them in which every owner gets its turn.
///
/// A value: who is granted a place or loses one hears of it from whoever keeps this.
package struct PlaceQueue: Sendable {
    /// Names one that waits.
    package struct Ticket: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    package enum Entry: Sendable, Hashable {
        /// The place is taken.
        case entered
        /// The caller waits; another one who waited has to go for it, if there is one named.
        case waits(Ticket, instead: Ticket?)
        /// The queue is full, and nobody in it has more of it than the caller.
        case full
    }

    /// Requests that have a place.
    package private(set) var taken = 0
    /// Requests that wait.
    package private(set) var waiting = 0
    /// Owners with somebody in the queue; the next one to be served is first.
    private var order: [String] = []
    private var lines: [String: [Ticket]] = [:]
    private var owners: [Ticket: String] = [:]
    private var nextNumber: UInt64 = 0

    package init() {}

    /// Takes a place if there is one and nobody waits for it.
    package mutating func enter(limit: Int?) -> Bool {
        guard let limit, taken >= limit || waiting > 0 else {
            taken += 1
            return true
        }
        return false
    }

    /// Takes a place, or a place in the queue.
    ///
    /// Of a full queue whoever has most of it gives up his latest to one who has less.
    package mutating func enter(_ owner: String, limit: Int?, length: Int) -> Entry {
        if enter(limit: limit) { return .entered }
        var given: Ticket?
        if waiting >= length {
            let own = lines[owner]?.count ?? 0
            let longest = lines.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
            guard let longest, longest.value.count > own + 1, let last = longest.value.last else { return .full }
            _ = withdraw(last)
            given = last
        }
        nextNumber += 1
        let ticket = Ticket(number: nextNumber)
        if lines[owner] == nil { order.append(owner) }
        lines[owner, default: []].append(ticket)
        owners[ticket] = owner
        waiting += 1
        return .waits(ticket, instead: given)
    }

    /// Gives a place back; whoever is returned has it now.
    package mutating func leave(limit: Int?) -> Ticket? {
        taken -= 1
        return grant(limit: limit)
    }

    /// Grants the next place if there is one; for a limit that has grown.
    package mutating func grant(limit: Int?) -> Ticket? {
        guard waiting > 0, limit.map({ taken < $0 }) ?? true, let owner = order.first, var line = lines[owner] else {
            return nil
        }
        let ticket = line.removeFirst()
        order.removeFirst()
        lines[owner] = line.isEmpty ? nil : line
        if !line.isEmpty { order.append(owner) }
        owners[ticket] = nil
        waiting -= 1
        taken += 1
        return ticket
    }

    /// Takes one out of the queue; false where it has a place already, which it then has to give back.
    package mutating func withdraw(_ ticket: Ticket) -> Bool {
        guard let owner = owners.removeValue(forKey: ticket) else { return false }
        lines[owner]?.removeAll { $0 == ticket }
        if lines[owner]?.isEmpty == true {
            lines[owner] = nil
            order.removeAll { $0 == owner }
        }
        waiting -= 1
        return true
    }
}
