import Testing

@testable import Gateway

@Suite("Limits are counted exactly")
struct CellRateTests {
    private static let rates = [1, 2, 7, 60, 61, 1_000, 59_999, 1_000_000, 70_000_001, 1_000_000_000]

    @Test("a minute's worth fits at once and not one more; then one whenever it is due", arguments: rates)
    func burst(_ perMinute: Int) throws {
        let rate = CellRate(perMinute: perMinute)
        let start = 5_000_000_000
        let due = try #require(rate.due(after: 0, taking: perMinute, at: start))
        #expect(rate.due(after: due, taking: 1, at: start) == nil)
        #expect(rate.wait(for: 1, due: due, at: start) == rate.interval)
        #expect(rate.due(after: due, taking: 1, at: start + rate.interval - 1) == nil)
        #expect(rate.due(after: due, taking: 1, at: start + rate.interval) != nil)
        #expect(rate.remaining(due: due, at: start) == 0)
        #expect(rate.remaining(due: due, at: start + rate.burst) == perMinute)
        #expect(rate.interval * perMinute >= CellRate.minute, "a rounding lets none too many through")
    }

    @Test(
        "in no window is more let through than a minute's worth and what is due in it",
        arguments: [1, 3, 7, 50, 600]
    )
    func window(_ perMinute: Int) {
        var numbers = RouteDice(seed: UInt64(perMinute))
        let rate = CellRate(perMinute: perMinute)
        for _ in 0..<8 {
            let bucket = RequestRate(perMinute: perMinute)
            var now = 1_000_000_000
            var taken: [Int] = []
            for _ in 0..<300 {
                now += Int.random(in: 0...rate.interval, using: &numbers) * (Bool.random(using: &numbers) ? 0 : 1)
                if Int.random(in: 0..<50, using: &numbers) == 0 { now += 90_000_000_000 }
                if bucket.take(at: now) { taken.append(now) }
            }
            #expect(!taken.isEmpty)
            #expect(Self.breach(of: taken, rate) == nil)
        }
    }

    @Test("what is given back is there again, but never what has become due for others since")
    func giveBack() {
        var numbers = RouteDice(seed: 9)
        let rate = CellRate(perMinute: 4)
        for _ in 0..<200 {
            let bucket = RequestRate(perMinute: 4)
            var now = 1_000_000_000
            var (kept, open): ([Int], [Int]) = ([], [])
            for _ in 0..<60 {
                now += Int.random(in: 0...rate.interval, using: &numbers)
                if bucket.take(at: now) {
                    if Bool.random(using: &numbers) { kept.append(now) } else { open.append(now) }
                }
                if let first = open.first, Bool.random(using: &numbers) {
                    open.removeFirst()
                    bucket.giveBack(takenAt: first, at: now)
                }
            }
            #expect(Self.breach(of: kept, rate) == nil)
        }
        let bucket = RequestRate(perMinute: 1)
        #expect(bucket.take(at: 10))
        #expect(!bucket.take(at: 10))
        bucket.giveBack(takenAt: 10, at: 10)
        #expect(bucket.take(at: 10), "it is there again at once")
    }

    /// A window in which more was let through than may be.
    private static func breach(of taken: [Int], _ rate: CellRate) -> String? {
        var first = 0
        while first < taken.count {
            var place = first
            while place < taken.count {
                let most = rate.perMinute + (taken[place] - taken[first]) / rate.interval
                if place - first + 1 > most { return "\(place - first + 1) in \(taken[place] - taken[first]) ns" }
                place += 1
            }
            first += 1
        }
        return nil
    }

    @Test("a limit of concurrent requests is taken and given back one by one")
    func places() {
        let places = Places()
        #expect(places.take(limit: 2) && places.take(limit: 2) && !places.take(limit: 2))
        places.giveBack()
        #expect(places.take(limit: 2) && !places.take(limit: 2) && places.take(limit: 3))
        #expect(places.count == 3)
    }

    // MARK: Tokens

    @Test("tokens are set aside and give way to what was used; in no window more is used than may be")
    func tokens() {
        var numbers = RouteDice(seed: 5)
        for _ in 0..<100 {
            let bucket = TokenRate(perMinute: 1_000)
            var now = 1_000_000_000
            var running: [Int] = []
            var used: [(at: Int, tokens: Int)] = []
            for _ in 0..<200 {
                now += Int.random(in: 0...2_000_000_000, using: &numbers)
                let wanted = Int.random(in: 1...400, using: &numbers)
                if bucket.reserve(wanted, at: now) { running.append(wanted) }
                guard let one = running.randomElement(using: &numbers), Bool.random(using: &numbers) else { continue }
                running.remove(at: running.firstIndex(of: one) ?? 0)
                let tokens = Int.random(in: 0...one, using: &numbers)
                bucket.settle(one, used: tokens, at: now)
                used.append((now, tokens))
            }
            var breaches: [String] = []
            for (first, start) in used.enumerated() {
                var sum = 0
                for end in used[first...] {
                    sum += end.tokens
                    if sum > 1_000 + (end.at - start.at) / bucket.rate.interval { breaches.append("\(start) \(end)") }
                }
            }
            #expect(breaches.isEmpty && !used.isEmpty)
        }
    }

    @Test("a request for more than a minute's worth waits for all of it, and what it used beyond is paid for")
    func largeRequest() {
        let bucket = TokenRate(perMinute: 60)
        #expect(bucket.reserve(1_000, at: 0))
        #expect(!bucket.reserve(1, at: 0))
        bucket.settle(1_000, used: 120, at: 0)
        #expect(!bucket.reserve(1, at: 60_000_000_000))
        #expect(bucket.wait(for: 1, at: 60_000_000_000) == 1_000_000_000)
        #expect(bucket.reserve(1, at: 61_000_000_000))
        bucket.settle(1, used: .max, at: 61_000_000_000)
        #expect(bucket.reserve(60, at: 62_000_000_000 + 60 * CellRate.minute), "what is owed has a bound")
    }

    @Test("what is set aside for a longer prompt is given back with the rest")
    func more() {
        let bucket = TokenRate(perMinute: 100)
        #expect(bucket.reserve(10, at: 0))
        bucket.reserveMore(200, after: 10)
        #expect(!bucket.reserve(1, at: 0))
        #expect(bucket.standing(at: 0).remaining == 0)
        bucket.settle(210, used: 0, at: 0)
        #expect(bucket.standing(at: 0) == LimitStanding(limit: 100, remaining: 100, reset: 0))
    }

    @Test("F16: a day begins once, wherever the clock goes, and what is set aside is not forgotten at midnight")
    func day() {
        var count = DayCount()
        let (noon, next) = (43_200_000, 90_000_000)
        same(count.reserve(60, limit: 100, at: noon), true)
        same(count.reserve(41, limit: 100, at: noon), false)
        count.settle(60, used: 90, at: noon)
        same(count.reserve(11, limit: 100, at: noon), false)
        same(count.reserve(10, limit: 100, at: noon), true)
        same(count.reserve(90, limit: 100, at: next), true)
        #expect(count.used == 0 && count.reserved == 100)
        count.settle(90, used: 100, at: next)
        count.settle(10, used: 0, at: noon)
        same(count.reserve(1, limit: 100, at: noon), false)
        same(count.reserve(1, limit: 100, at: next + 1), false)
        same(count.reserve(1_000, limit: 100, at: next + DayCount.milliseconds), true)
        #expect(DayTokens.wait(at: next) == (2 * DayCount.milliseconds - next) * 1_000_000)
        // A clock that was far ahead once is not waited for.
        count.settle(1_000, used: 100, at: 1_000 * DayCount.milliseconds)
        same(count.reserve(1, limit: 100, at: 999 * DayCount.milliseconds), false)
        same(count.reserve(1, limit: 100, at: 3 * DayCount.milliseconds), true)
    }

    /// Compares what a call gave, where it must not be called within the macro.
    private func same<Value: Equatable>(_ value: Value, _ expected: Value, _ at: SourceLocation = #_sourceLocation) {
        #expect(value == expected, sourceLocation: at)
    }
}
