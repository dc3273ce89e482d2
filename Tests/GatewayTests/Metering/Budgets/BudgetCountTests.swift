import Testing

@testable import Gateway

@Suite("What is spent and set aside is counted by days and months")
struct BudgetCountTests {
    private static let today = BudgetDay(day: Civil.day(2027, 1, 31))
    private static let tomorrow = BudgetDay(day: Civil.day(2027, 2, 1))

    private static func count(spent: BudgetAmount, reserved: BudgetAmount = .zero) -> BudgetCount {
        var count = BudgetCount()
        count.spend(spent, on: today)
        count.reserve(reserved)
        return count
    }

    @Test(
        "what was spent, what is set aside and what is wanted are together no more than any limit",
        arguments: [
            (BudgetLimits(), 1e6, 1_000_000, nil), (BudgetLimits(dailyCost: Money(nanos: 10)), 3, 0, nil),
            (BudgetLimits(dailyCost: Money(nanos: 10)), 4, 0, .dailyCost),
            (BudgetLimits(monthlyCost: Money(nanos: 9)), 3, 9, .monthlyCost),
            (BudgetLimits(dailyCost: Money(nanos: 9), monthlyCost: Money(nanos: 9)), 3, 0, .dailyCost),
            (BudgetLimits(dailyTokens: 10), 100, 3, nil), (BudgetLimits(dailyTokens: 10), 0, 4, .dailyTokens),
            (BudgetLimits(monthlyTokens: 9), 0, 3, .monthlyTokens),
            // What nothing is wanted of is not asked, also where more was spent than was allowed.
            (BudgetLimits(dailyCost: Money(nanos: 1)), 0, 5, nil), (BudgetLimits(dailyTokens: 1), 5, 0, nil),
            (BudgetLimits(dailyCost: .zero), 1, 0, .dailyCost), (BudgetLimits(dailyCost: .zero), 0, 1, nil),
        ] as [(BudgetLimits, Double, Int, BudgetLimits.Member?)]
    )
    func obstacles(_ limits: BudgetLimits, _ nanos: Double, _ tokens: Int, _ member: BudgetLimits.Member?) {
        let spent = BudgetAmount(cost: Money(nanos: 4), tokens: 4)
        let count = Self.count(spent: spent, reserved: BudgetAmount(cost: Money(nanos: 3), tokens: 3))
        let wanted = BudgetAmount(cost: Money(nanos: Int(nanos)), tokens: tokens)
        #expect(count.obstacle(to: wanted, limits) == member)
        #expect(wanted.fits(count.left(limits)) == (member == nil))
    }

    @Test("a day is over at its end, and a month at its own; what is set aside moves along")
    func rollOver() {
        var count = Self.count(spent: BudgetWorld.amount(5, tokens: 50), reserved: BudgetWorld.amount(2, tokens: 20))
        count.move(to: Self.tomorrow)
        #expect(
            count.day.spent == .zero && count.month.spent == .zero
                && count.reserved == BudgetWorld.amount(2, tokens: 20)
        )
        count.settle(BudgetWorld.amount(2, tokens: 20), used: BudgetWorld.amount(1, tokens: 10), on: Self.tomorrow)
        #expect(count.day.spent == BudgetWorld.amount(1, tokens: 10) && count.reserved == .zero)
        count.spend(BudgetWorld.amount(1), on: BudgetDay(day: Self.tomorrow.day + 1))
        #expect(count.day.spent == BudgetWorld.amount(1) && count.month.spent == BudgetWorld.amount(2, tokens: 10))
    }

    @Test("F16: a clock that is set back gives nobody a budget twice, and keeps nobody out for longer than its day")
    func setBack() {
        var count = Self.count(spent: BudgetWorld.amount(5))
        count.spend(BudgetWorld.amount(7), on: Self.tomorrow)
        for _ in 0..<3 {
            count.move(to: Self.today)
            #expect(count.day.spent == BudgetWorld.amount(5) && count.month.spent == BudgetWorld.amount(5))
            count.move(to: Self.tomorrow)
            #expect(count.day.spent == BudgetWorld.amount(7) && count.month.spent == BudgetWorld.amount(7))
        }
        count.move(to: BudgetDay(day: Self.tomorrow.day + 1))
        #expect(count.day.spent == .zero && count.month.spent == BudgetWorld.amount(7))
        // A clock that was years ahead for a while leaves nothing behind.
        count.spend(BudgetWorld.amount(9), on: BudgetDay(day: Self.today.day + 1_000))
        count.move(to: BudgetDay(day: Self.tomorrow.day + 1))
        #expect(count.day.spent == .zero && count.month.spent == BudgetWorld.amount(7))
    }

    @Test("each threshold is reached once for a period, and anew in the next one")
    func thresholds() {
        let limits = BudgetLimits(dailyCost: BudgetWorld.usd(10), monthlyTokens: 100)
        var count = BudgetCount()
        func reached(_ usd: Double, _ tokens: Int, on day: BudgetDay) -> [String] {
            count.spend(BudgetWorld.amount(usd, tokens: tokens), on: day)
            return count.reach([50, 80, 100], limits).map { "\($0.member.rawValue) \($0.percent)" }
        }
        #expect(reached(4.99, 0, on: Self.today) == [])
        #expect(reached(0.01, 0, on: Self.today) == ["daily_budget 50"])
        #expect(reached(0.01, 49, on: Self.today) == [])
        #expect(reached(20, 1, on: Self.today) == ["daily_budget 80", "daily_budget 100", "monthly_token_budget 50"])
        #expect(reached(20, 0, on: Self.today) == [])
        #expect(reached(5, 0, on: Self.tomorrow) == ["daily_budget 50"])
        #expect(reached(5, 0, on: Self.today) == [], "the clock was set back")
        #expect(
            reached(0, 100, on: Self.tomorrow) == [
                "monthly_token_budget 50", "monthly_token_budget 80", "monthly_token_budget 100",
            ]
        )
        let other = BudgetLimits(dailyCost: BudgetWorld.usd(5))
        let lowered = count.reach([50, 80, 100], other).map(\.percent)
        #expect(lowered == [80, 100], "a budget that is lowered is told of at once")
        let none = count.reach([50, 80, 100], BudgetLimits(dailyCost: .zero)).map(\.percent)
        #expect(none == [])
    }

    @Test("no amount is so large that a sum goes wrong")
    func bounds() {
        let huge = BudgetAmount(cost: Money(nanos: .max), tokens: .max)
        #expect(huge.bounded.cost.nanos > 0 && huge.bounded + huge == huge)
        #expect(BudgetAmount(cost: Money(nanos: -5), tokens: -5).bounded == .zero)
        #expect(BudgetWorld.amount(1, tokens: 1) - huge == .zero)
        var count = BudgetCount()
        count.refund(huge)
        #expect(count.reserved == .zero)
        #expect(count.obstacle(to: huge, BudgetLimits(dailyCost: BudgetWorld.usd(5))) == .dailyCost)
    }

    @Test(
        "as many output tokens are paid for as their price says, rounded as a bill is",
        arguments: [
            (1_000, 10.0, 5_000, 0.0, 0, 1_000_000, 1_000), (1_000_000, 10, 1_000_000, 4, 0, 10_000_000, 600_000),
            (1_000, 10, 500, 0, 100, 0, 400), (1_000, 1, 5_000, 2, 0, 1_000, 0), (5, 0, 5, 0, 0, 0, 5),
            (.max, 9e8, .max, 0, 0, 1, 1 << 40), (10, 0.000000001, 99, 0, 0, 333, 3), (-1, 1, 1, 0, 0, 1, 0),
        ] as [(Int, Double, Int, Double, Int, Int, Int)]
    )
    func output(_ wanted: Int, _ usd: Double, _ tokens: Int, _ rest: Double, _ input: Int, _ price: Int, _ most: Int) {
        let left = BudgetWorld.amount(usd, tokens: tokens)
        #expect(left.outputTokens(wanted, besides: BudgetWorld.amount(rest, tokens: input), perToken: price) == most)
    }
}
