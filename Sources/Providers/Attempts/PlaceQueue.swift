/// Places at a provider, and a bounded queue for them in which every group of owners gets its turn, and in it every owner.
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

    /// Those of a group that wait.
    private struct Group: Sendable {
        var waiting = 0
        /// Owners with somebody in the queue; the next one to be served is first.
        var order: [String] = []
        var lines: [String: [Ticket]] = [:]

        /// The latest of whoever has most of the group's part.
        var latestOfLongest: Ticket? {
            lines.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.value.last
        }

        mutating func append(_ ticket: Ticket, of owner: String) {
            if lines[owner] == nil { order.append(owner) }
            lines[owner, default: []].append(ticket)
            waiting += 1
        }

        mutating func next() -> Ticket? {
            guard let owner = order.first, var line = lines[owner] else { return nil }
            let ticket = line.removeFirst()
            order.removeFirst()
            lines[owner] = line.isEmpty ? nil : line
            if !line.isEmpty { order.append(owner) }
            waiting -= 1
            return ticket
        }

        mutating func remove(_ ticket: Ticket, of owner: String) {
            lines[owner]?.removeAll { $0 == ticket }
            if lines[owner]?.isEmpty == true {
                lines[owner] = nil
                order.removeAll { $0 == owner }
            }
            waiting -= 1
        }
    }

    /// Requests that have a place.
    package private(set) var taken = 0
    /// Requests that wait.
    package private(set) var waiting = 0
    /// Groups with somebody in the queue; the next one to be served is first.
    private var order: [String] = []
    private var groups: [String: Group] = [:]
    private var owners: [Ticket: (group: String, name: String)] = [:]
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

    /// Takes a place, or a place in the queue; `group` is whose the owner is, itself where nil.
    ///
    /// Of a full queue the group that has most of it gives up its latest to one that has less, and within a group the owner.
    package mutating func enter(_ owner: String, of group: String? = nil, limit: Int?, length: Int) -> Entry {
        if enter(limit: limit) { return .entered }
        let group = group ?? owner
        var given: Ticket?
        if waiting >= length {
            guard let last = room(for: owner, of: group) else { return .full }
            _ = withdraw(last)
            given = last
        }
        nextNumber += 1
        let ticket = Ticket(number: nextNumber)
        if groups[group] == nil { order.append(group) }
        groups[group, default: Group()].append(ticket, of: owner)
        owners[ticket] = (group, owner)
        waiting += 1
        return .waits(ticket, instead: given)
    }

    /// Who has to go for one more of an owner.
    private func room(for owner: String, of group: String) -> Ticket? {
        let own = groups[group]
        let longest = groups.max { ($0.value.waiting, $1.key) < ($1.value.waiting, $0.key) }?.value
        if let longest, longest.waiting > (own?.waiting ?? 0) + 1 { return longest.latestOfLongest }
        guard let own, let most = own.lines.values.map(\.count).max(), most > (own.lines[owner]?.count ?? 0) + 1 else {
            return nil
        }
        return own.latestOfLongest
    }

    /// Gives a place back; whoever is returned has it now.
    package mutating func leave(limit: Int?) -> Ticket? {
        taken -= 1
        return grant(limit: limit)
    }

    /// Grants the next place if there is one; for a limit that has grown.
    package mutating func grant(limit: Int?) -> Ticket? {
        guard waiting > 0, limit.map({ taken < $0 }) ?? true, let name = order.first,
            let ticket = groups[name]?.next()
        else { return nil }
        order.removeFirst()
        if groups[name]?.waiting == 0 { groups[name] = nil } else { order.append(name) }
        owners[ticket] = nil
        waiting -= 1
        taken += 1
        return ticket
    }

    /// Takes one out of the queue; false where it has a place already, which it then has to give back.
    package mutating func withdraw(_ ticket: Ticket) -> Bool {
        guard let owner = owners.removeValue(forKey: ticket) else { return false }
        groups[owner.group]?.remove(ticket, of: owner.name)
        if groups[owner.group]?.waiting == 0 {
            groups[owner.group] = nil
            order.removeAll { $0 == owner.group }
        }
        waiting -= 1
        return true
    }
}
