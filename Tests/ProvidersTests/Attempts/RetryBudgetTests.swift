import NIOCore
import Testing

@testable import Providers

@Suite struct RetryBudgetTests {
    private func at(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds * 1e9) + 1_000_000_000_000) }

    private func limits(_ ratio: Double = 0.2, floor: Int = 10) -> ProviderLimits.Retries {
        var limits = ProviderLimits.Retries()
        (limits.ratio, limits.floor) = (ratio, floor)
        return limits
    }

    private func takeAll(_ budget: inout RetryBudget, _ limits: ProviderLimits.Retries, at now: NIODeadline) -> Int {
        var count = 0
        while budget.take(limits, at: now) { count += 1 }
        return count
    }

    @Test("F9: repetitions are a fifth of the requests and a floor", arguments: [0, 1, 5, 100, 1_000])
    func share(_ requests: Int) {
        var budget = RetryBudget()
        for _ in 0..<requests { budget.didRequest(at: at(1)) }
        same(takeAll(&budget, limits(), at: at(1)), 10 + requests / 5)
    }

    @Test("F9: what was taken comes back when its ten seconds are over, not before")
    func slides() {
        var budget = RetryBudget()
        for _ in 0..<50 { budget.didRequest(at: at(1)) }
        same(takeAll(&budget, limits(), at: at(2)), 20)
        same(takeAll(&budget, limits(), at: at(9.9)), 0)
        // The requests are forgotten first, then what was taken for them.
        same(takeAll(&budget, limits(), at: at(11.1)), 0)
        same(takeAll(&budget, limits(), at: at(12.1)), 10)
        same(takeAll(&budget, limits(), at: at(500)), 10)
    }

    @Test("no share and no floor mean no repetition at all")
    func none() {
        var budget = RetryBudget()
        for _ in 0..<50 { budget.didRequest(at: at(1)) }
        same(takeAll(&budget, limits(0, floor: 0), at: at(1)), 0)
    }

    @Test("F9: over an hour of failures repetitions stay below a fifth and the floor")
    func longRun() {
        var budget = RetryBudget()
        var (requests, retries) = (0, 0)
        for tick in 0..<36_000 {
            let now = at(Double(tick) / 10)
            for _ in 0..<3 {
                budget.didRequest(at: now)
                requests += 1
                if budget.take(limits(), at: now) { retries += 1 }
            }
        }
        #expect(Double(retries) <= 0.2 * Double(requests) + 10 * 360 + 10)
        #expect(Double(retries) >= 0.2 * Double(requests))
    }
}
