import Testing

@testable import Providers

@Suite struct PlaceQueueTests {
    private func ticket(_ entry: PlaceQueue.Entry) throws -> PlaceQueue.Ticket {
        guard case .waits(let ticket, _) = entry else { throw Unexpected(entry: entry) }
        return ticket
    }

    private struct Unexpected: Error { let entry: PlaceQueue.Entry }

    @Test("without a limit everybody enters, and is counted")
    func unlimited() {
        var queue = PlaceQueue()
        for _ in 0..<1_000 { same(queue.enter("a", limit: nil, length: 0), .entered) }
        #expect(queue.taken == 1_000 && queue.waiting == 0)
        for _ in 0..<1_000 { same(queue.leave(limit: nil), nil) }
        #expect(queue.taken == 0)
    }

    @Test("places are granted round robin among owners, however many each has in the queue")
    func fair() throws {
        var queue = PlaceQueue()
        same(queue.enter("a", limit: 1, length: 10), .entered)
        let noisy = try (0..<4).map { _ in try ticket(queue.enter("a", limit: 1, length: 10)) }
        let quiet = try (0..<2).map { _ in try ticket(queue.enter("b", limit: 1, length: 10)) }
        let other = try ticket(queue.enter("c", limit: 1, length: 10))
        var granted: [PlaceQueue.Ticket] = []
        while let next = queue.leave(limit: 1) { granted.append(next) }
        #expect(granted == [noisy[0], quiet[0], other, noisy[1], quiet[1], noisy[2], noisy[3]])
        #expect(queue.taken == 0 && queue.waiting == 0)
    }

    @Test("F21: a full queue refuses, but whoever has most of it makes room for one who has less")
    func full() throws {
        var queue = PlaceQueue()
        same(queue.enter("a", limit: 1, length: 3), .entered)
        let noisy = try (0..<3).map { _ in try ticket(queue.enter("a", limit: 1, length: 3)) }
        same(queue.enter("a", limit: 1, length: 3), .full)
        guard case .waits(let late, instead: noisy[2]) = queue.enter("b", limit: 1, length: 3) else {
            return #expect(Bool(false), "nobody made room")
        }
        #expect(queue.waiting == 3)
        same(queue.enter("b", limit: 1, length: 3), .full)  // two and one: nobody has more than is fair
        same(queue.leave(limit: 1), noisy[0])
        same(queue.leave(limit: 1), late)
    }

    @Test(
        "T6: groups take turns, and within a group its owners; ten times the load of one makes the other wait for one"
    )
    func groups() throws {
        var queue = PlaceQueue()
        same(queue.enter("a0", of: "noisy", limit: 1, length: 40), .entered)
        var noisy: [PlaceQueue.Ticket] = []
        for _ in 0..<2 {
            for owner in 0..<10 {
                noisy.append(try ticket(queue.enter("a\(owner)", of: "noisy", limit: 1, length: 40)))
            }
        }
        let quiet = try (0..<2).map { _ in try ticket(queue.enter("b", of: "quiet", limit: 1, length: 40)) }
        let alone = try ticket(queue.enter("c", limit: 1, length: 40))
        var granted: [PlaceQueue.Ticket] = []
        while let next = queue.leave(limit: 1) { granted.append(next) }
        #expect(granted.prefix(5) == [noisy[0], quiet[0], alone, noisy[1], quiet[1]])
        #expect(granted.dropFirst(5) == noisy[2...])
    }

    @Test("T6: of a full queue the group that has most of it makes room, however few each of its owners has")
    func fullOfGroups() throws {
        var queue = PlaceQueue()
        same(queue.enter("a0", of: "noisy", limit: 1, length: 4), .entered)
        let noisy = try (0..<4).map { try ticket(queue.enter("a\($0)", of: "noisy", limit: 1, length: 4)) }
        same(queue.enter("a9", of: "noisy", limit: 1, length: 4), .full)
        guard case .waits(let late, let instead?) = queue.enter("b", of: "quiet", limit: 1, length: 4) else {
            return #expect(Bool(false), "nobody made room")
        }
        #expect(noisy.contains(instead) && queue.waiting == 4)
        same(queue.leave(limit: 1), noisy.first { $0 != instead })
        same(queue.leave(limit: 1), late)
        // Within a group whoever has most of it makes room for another one of it.
        var other = PlaceQueue()
        same(other.enter("x", of: "g", limit: 1, length: 3), .entered)
        let most = try (0..<3).map { _ in try ticket(other.enter("x", of: "g", limit: 1, length: 3)) }
        same(other.enter("y", of: "g", limit: 1, length: 3).isInstead(of: most[2]), true)
        same(other.enter("x", of: "g", limit: 1, length: 3), .full)
    }

    @Test("F12: one who leaves frees the place in the queue, or the place that was granted meanwhile")
    func withdraws() throws {
        var queue = PlaceQueue()
        same(queue.enter("a", limit: 1, length: 3), .entered)
        let first = try ticket(queue.enter("b", limit: 1, length: 3))
        let second = try ticket(queue.enter("c", limit: 1, length: 3))
        same(queue.withdraw(first), true)
        #expect(queue.waiting == 1)
        same(queue.leave(limit: 1), second)
        same(queue.withdraw(second), false)  // it has its place already
        same(queue.leave(limit: 1), nil)
        #expect(queue.taken == 0)
    }

    @Test("a queue of no length only refuses, and a limit that has grown lets waiting ones in")
    func limits() throws {
        var queue = PlaceQueue()
        same(queue.enter("a", limit: 1, length: 0), .entered)
        same(queue.enter("b", limit: 1, length: 0), .full)
        let waiting = try ticket(queue.enter("b", limit: 1, length: 1))
        same(queue.grant(limit: 1), nil)
        same(queue.grant(limit: 2), waiting)
        #expect(queue.taken == 2)
    }

    @Test("any order of entering, leaving and withdrawing keeps to the limit and loses no place")
    func anyOrder() {
        var numbers = SeededNumbers(seed: 11)
        for _ in 0..<100 {
            var queue = PlaceQueue()
            var (inside, waiting) = (0, Set<PlaceQueue.Ticket>())
            func grant(_ ticket: PlaceQueue.Ticket?) {
                guard let ticket else { return }
                same(waiting.remove(ticket) != nil, true)
                inside += 1
            }
            for _ in 0..<200 {
                switch Int.random(in: 0..<5, using: &numbers) {
                case 0, 1:
                    let owner = ["a", "b", "c"].randomElement(using: &numbers) ?? "a"
                    let group = ["g", "h", nil].randomElement(using: &numbers) ?? nil
                    switch queue.enter(owner, of: group, limit: 3, length: 5) {
                    case .entered: inside += 1
                    case .full: #expect(waiting.count == 5)
                    case .waits(let ticket, let instead):
                        if let instead { same(waiting.remove(instead) != nil, true) }
                        waiting.insert(ticket)
                    }
                case 2, 3:
                    guard inside > 0 else { break }
                    inside -= 1
                    grant(queue.leave(limit: 3))
                default:
                    guard let one = waiting.randomElement(using: &numbers) else { break }
                    waiting.remove(one)
                    same(queue.withdraw(one), true)
                }
                #expect(queue.taken == inside && queue.waiting == waiting.count)
                #expect(inside <= 3 && waiting.count <= 5)
                #expect(waiting.isEmpty || inside == 3, "nobody waits while there is a place")
            }
        }
    }
}

extension PlaceQueue.Entry {
    /// Whether one waits now in the place of another.
    fileprivate func isInstead(of ticket: PlaceQueue.Ticket) -> Bool {
        if case .waits(_, instead: ticket) = self { true } else { false }
    }
}
