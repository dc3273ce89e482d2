import Dialects
import Foundation
import Inference
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("A reservation is of all budgets or of none")
struct BudgetReservationTests {
    private static let noon = BudgetWorld.noon

    @Test(
        "what one budget does not allow was not set aside of the others",
        arguments: [LimitLevel.tenant, .user, .key]
    )
    func allOrNone(_ tight: LimitLevel) throws {
        let accounts = BudgetAccounts()
        let scopes = [LimitLevel.tenant, .team, .user, .key].map {
            BudgetWorld.scope($0, daily: $0 == tight ? 1 : 100, in: accounts)
        }
        let first = try BudgetReservation(scopes, BudgetWorld.amount(0.8, tokens: 7), at: Self.noon)
        for _ in 0..<5 {
            let spent = BudgetWorld.spend(scopes, BudgetWorld.amount(0.3))
            #expect(spent?.level == tight && spent?.member == .dailyCost && spent?.isTooLarge == false)
        }
        let expected = BudgetStanding(reserved: BudgetWorld.amount(0.8, tokens: 7))
        #expect(scopes.allSatisfy { $0.standing(at: Self.noon) == expected })
        first.settle(used: BudgetWorld.amount(0.5, tokens: 5), at: Self.noon)
        let used = BudgetWorld.amount(0.5, tokens: 5)
        #expect(scopes.allSatisfy { $0.standing(at: Self.noon) == BudgetStanding(today: used, thisMonth: used) })
    }

    @Test("what is refunded was never spent, and what is used beyond the estimate counts all the same")
    func refund() throws {
        let scope = BudgetWorld.scope(daily: 1)
        for _ in 0..<3 {
            let reservation = try BudgetReservation([scope], BudgetWorld.amount(1), at: Self.noon)
            reservation.refund()
        }
        #expect(scope.standing(at: Self.noon) == BudgetStanding())
        let over = try BudgetReservation([scope], BudgetWorld.amount(0.1), at: Self.noon)
        over.settle(used: BudgetWorld.amount(3), at: Self.noon)
        #expect(scope.standing(at: Self.noon).today == BudgetWorld.amount(3))
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(0.1)) != nil)
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(0, tokens: 5)) == nil, "what is free is let through")
    }

    @Test("it is extended by what is left, and stays as it was where that is not enough")
    func extend() throws {
        let accounts = BudgetAccounts()
        let scopes = [
            BudgetWorld.scope(.tenant, monthly: 10, in: accounts),
            BudgetWorld.scope(.key, dailyTokens: 100, in: accounts),
        ]
        var reservation = try BudgetReservation(scopes, BudgetWorld.amount(1, tokens: 40), at: Self.noon)
        try reservation.extend(by: BudgetWorld.amount(2, tokens: 40), at: Self.noon)
        let extended = reservation.amount
        #expect(extended == BudgetWorld.amount(3, tokens: 80))
        var spent: BudgetSpent?
        do throws(BudgetSpent) {
            try reservation.extend(by: BudgetWorld.amount(2, tokens: 21), at: Self.noon)
        } catch {
            spent = error
        }
        #expect(spent?.level == .key && spent?.member == .dailyTokens)
        let kept = reservation.amount
        #expect(kept == extended)
        #expect(scopes.allSatisfy { $0.standing(at: Self.noon).reserved == BudgetWorld.amount(3, tokens: 80) })
        reservation.settle(used: BudgetWorld.amount(3, tokens: 80), at: Self.noon)
        #expect(scopes.allSatisfy { $0.standing(at: Self.noon).reserved == .zero })
    }

    @Test("as much is set aside as there is use for, and never more than is left")
    func choose() throws {
        let scopes = [BudgetWorld.scope(.tenant, daily: 5), BudgetWorld.scope(.key, dailyTokens: 100)]
        let least = BudgetWorld.amount(1, tokens: 10)
        for (wanted, expected) in [
            (BudgetWorld.amount(4, tokens: 100), BudgetWorld.amount(4, tokens: 100)),
            (BudgetWorld.amount(6, tokens: 100), least), (BudgetWorld.amount(0, tokens: 0), least),
        ] {
            var left: BudgetAmount?
            let reservation = try BudgetReservation(scopes, least: least, at: Self.noon) {
                left = $0
                return wanted
            }
            let taken = reservation.amount
            reservation.refund()
            #expect(left == BudgetWorld.amount(5, tokens: 100) && taken == expected)
        }
    }

    @Test("a request for more than a whole budget is refused on a fresh day as well, and is told so")
    func tooLarge() throws {
        let scope = BudgetWorld.scope(.tenant, daily: 0.25)
        let spent = try #require(BudgetWorld.spend([scope], BudgetWorld.amount(0.26)))
        #expect(spent.isTooLarge && scope.standing(at: Self.noon) == BudgetStanding())
        let body = spent.refusal(to: nil).body
        #expect(body.status == 402 && body.code == "budget_exceeded" && body.retryAfter == nil)
        #expect(
            body.message.hasPrefix("This request may use more than all of the daily budget of 0.25 USD of this tenant.")
        )
        #expect(BudgetWorld.spend([scope], BudgetWorld.amount(0.25)) == nil)
        let later = try #require(BudgetWorld.spend([scope], BudgetWorld.amount(0.01)))
        #expect(
            later.refusal(to: nil).body.message
                == "What is left of the daily budget of 0.25 USD of this tenant does not allow this request. "
                + "It begins anew at 2027-01-16T00:00:00Z."
        )
        let tokens = BudgetWorld.spend([BudgetWorld.scope(monthlyTokens: 1)], BudgetWorld.amount(0, tokens: 2))
        #expect(tokens?.error(to: nil).message.contains("the monthly budget of 1 token of this key") == true)
    }

    @Test("a request that ends on another day counts there")
    func midnight() throws {
        let scope = BudgetWorld.scope(daily: 1, monthly: 100)
        let reservation = try BudgetReservation([scope], BudgetWorld.amount(0.9), at: Self.noon)
        let tomorrow = Self.noon + BudgetWorld.day
        #expect(
            BudgetWorld.spend([scope], BudgetWorld.amount(0.2), at: tomorrow) != nil,
            "it is set aside on both days"
        )
        reservation.settle(used: BudgetWorld.amount(0.4), at: tomorrow)
        #expect(scope.standing(at: Self.noon).today == .zero)
        #expect(scope.standing(at: tomorrow).today == BudgetWorld.amount(0.4))
        #expect(scope.standing(at: tomorrow).thisMonth == BudgetWorld.amount(0.4))
    }

    @Test("F16: a clock that goes back and forth by a day, or over a change to summer time, resets no budget twice")
    func clock() {
        // Midnight of 2027-03-28 in Berlin, an hour before that in UTC; the clocks are put forward two hours later.
        let start = Zone.utc(2027, 3, 27, 23) * 1_000
        for (calendar, days) in [(TenantCalendar.utc, 4), (TenantCalendar(zone: Zone.berlin), 3)] {
            let scope = BudgetWorld.scope(daily: 10, calendar: calendar)
            var admitted = 0
            for round in 0..<200 {
                // By turns up to a day behind and ahead.
                let time = start + (round % 3 - 1) * BudgetWorld.day + round * 60_000
                if BudgetWorld.spend([scope], BudgetWorld.amount(1), at: time) == nil { admitted += 1 }
            }
            #expect(admitted == 10 * days, "so many days have as many budgets in \(calendar.zone.name)")
        }
    }

    @Test("T5: of 50 requests at once with a budget for one exactly one is let through, and a failure gives it back")
    func exact() async throws {
        for tight in [LimitLevel.tenant, .key] {
            let accounts = BudgetAccounts()
            let scopes = [LimitLevel.tenant, .team, .user, .key].map {
                BudgetWorld.scope($0, daily: $0 == tight ? 1 : 1_000, in: accounts)
            }
            for round in 0..<5 {
                let tally = Tally()
                try await onThreads(50) {
                    tally.arrive()
                    tally.wait { $0 >= 50 }
                    do throws(BudgetSpent) {
                        let held = try BudgetReservation(scopes, BudgetWorld.amount(0.9), at: Self.noon)
                        tally.admitted.add(1, ordering: .sequentiallyConsistent)
                        // It is held until all others were refused.
                        tally.wait { $0 >= 99 || tally.admitted.load(ordering: .sequentiallyConsistent) > 1 }
                        held.refund()
                    } catch {
                        tally.arrive()
                    }
                }
                #expect(tally.admitted.load(ordering: .sequentiallyConsistent) == 1, "\(tight), round \(round)")
                #expect(scopes.allSatisfy { $0.standing(at: Self.noon) == BudgetStanding() })
            }
        }
    }

    @Test("T5: what several threads reserve, extend, settle and refund adds up, whatever keys of a tenant they use")
    func concurrent() async throws {
        let accounts = BudgetAccounts()
        let tenant = BudgetWorld.scope(.tenant, daily: 40, in: accounts)
        let tally = Tally()
        try await onThreads(8) {
            let number = tally.arrive()
            let key = BudgetScope(.key, .none, accounts.account(.key, "k\(number % 3)"), .utc)
            for round in 0..<2_000 {
                do throws(BudgetSpent) {
                    var held = try BudgetReservation([tenant, key], BudgetWorld.amount(0.01), at: Self.noon)
                    let isExtended = held.grow(by: BudgetWorld.amount(0.01), at: Self.noon)
                    let amount = held.amount
                    if round.isMultiple(of: isExtended ? 3 : 2) {
                        held.refund()
                    } else {
                        held.settle(used: amount, at: Self.noon)
                        tally.settled.add(amount.cost.nanos, ordering: .relaxed)
                    }
                } catch {
                    continue
                }
            }
        }
        let standing = tenant.standing(at: Self.noon)
        #expect(standing.reserved == .zero && standing.today.cost.nanos == tally.settled.load(ordering: .relaxed))
        #expect(standing.today.cost <= BudgetWorld.usd(40) && standing.today.cost > BudgetWorld.usd(39))
        let today = BudgetDay(day: Self.noon / BudgetWorld.day)
        let keys = (0..<3).map { accounts.account(.key, "k\($0)").standing(on: today) }
        #expect(keys.reduce(Money.zero) { $0 + $1.today.cost } == standing.today.cost)
    }

    /// What several threads note together.
    private final class Tally: Sendable {
        let admitted = Atomic(0)
        let settled = Atomic(0)
        private let arrived = Atomic(0)

        @discardableResult
        func arrive() -> Int { arrived.add(1, ordering: .sequentiallyConsistent).newValue }

        /// Lets others run until it holds of how many have arrived.
        func wait(_ condition: (Int) -> Bool) {
            while !condition(arrived.load(ordering: .sequentiallyConsistent)) { sched_yield() }
        }
    }

    /// Runs the same on so many threads at once.
    private func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) async throws {
        let threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { try await threads.runIfActive { body() } } }
            try await group.waitForAll()
        }
        try await threads.shutdownGracefully()
    }

    #if DEBUG
    @Test("one that is forgotten ends a debug build")
    func forgotten() async {
        await #expect(processExitsWith: .failure) {
            func forget() throws { _ = try BudgetReservation([BudgetWorld.scope()], .zero, at: 0) }
            try forget()
        }
    }
    #endif
}
