import Testing

@testable import Gateway

@Suite("Whatever comes between, the account of a budget adds up")
struct BudgetPropertyTests {
    /// The same numbers for the same seed.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// A holder of reservations, since an array cannot hold what is not copied.
    private final class Held {
        private var reservation: BudgetReservation?

        init(_ reservation: consuming BudgetReservation) { self.reservation = consume reservation }

        var amount: BudgetAmount { reservation?.amount ?? .zero }

        func extend(by more: BudgetAmount, at time: Int) -> Bool { reservation?.grow(by: more, at: time) ?? false }

        func settle(used: BudgetAmount, at time: Int) { reservation.take()?.settle(used: used, at: time) }

        func refund() { reservation.take()?.refund() }
    }

    /// What the accounts should say.
    private struct Model {
        var settled: [Int: BudgetAmount] = [:]
        var reserved = BudgetAmount.zero
        /// By how much requests used more than was set aside for them, by day.
        var errors: [Int: BudgetAmount] = [:]
    }

    private static let limit = BudgetAmount(cost: Money(nanos: 1_000), tokens: 2_000)

    @Test(
        "any interleaving of reserve, extend, settle, refund and roll-over leaves reserved at what is held, spent at the sum of what was settled, and no day beyond its limit by more than its estimates were wrong",
        arguments: 0..<40
    )
    func interleavings(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let limits = BudgetLimits(dailyCost: Self.limit.cost, dailyTokens: Self.limit.tokens)
        let accounts = BudgetAccounts()
        let scopes = [LimitLevel.tenant, .key].map { BudgetScope($0, limits, accounts.account($0, "x"), .utc) }
        var (model, held, time) = (Model(), [Held](), BudgetWorld.noon)
        func some(_ most: Int) -> BudgetAmount {
            BudgetAmount(
                cost: Money(nanos: .random(in: 0...most, using: &random)),
                tokens: .random(in: 0...most, using: &random)
            )
        }
        for _ in 0..<400 {
            let day = time / BudgetWorld.day
            let spent = model.settled[day] ?? .zero
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let wanted = some(600)
                let fits = wanted.fits(Self.limit - (spent + model.reserved))
                do throws(BudgetSpent) {
                    held.append(Held(try BudgetReservation(scopes, wanted, at: time)))
                    model.reserved += wanted
                    #expect(fits)
                } catch {
                    #expect(!fits)
                }
            case 4 where !held.isEmpty:
                let more = some(200)
                let fits = more.fits(Self.limit - (spent + model.reserved))
                let place = Int.random(in: held.indices, using: &random)
                #expect(held[place].extend(by: more, at: time) == fits)
                if fits { model.reserved += more }
            case 5..<8 where !held.isEmpty:
                let one = held.remove(at: .random(in: held.indices, using: &random))
                let (amount, used) = (one.amount, some(700))
                one.settle(used: used, at: time)
                model.reserved = model.reserved - amount
                model.settled[day, default: .zero] += used
                model.errors[day, default: .zero] += used - amount
            case 8 where !held.isEmpty:
                let one = held.remove(at: .random(in: held.indices, using: &random))
                model.reserved = model.reserved - one.amount
                one.refund()
            default: time += .random(in: 0...BudgetWorld.day, using: &random)
            }
            let today = time / BudgetWorld.day
            for scope in scopes {
                let standing = scope.standing(at: time)
                #expect(standing.reserved == model.reserved)
                #expect(standing.today == model.settled[today] ?? .zero)
            }
        }
        for (day, spent) in model.settled {
            let most = Self.limit + (model.errors[day] ?? .zero)
            #expect(spent.cost <= most.cost && spent.tokens <= most.tokens, "day \(day)")
        }
        for one in held { one.refund() }
        #expect(scopes.allSatisfy { $0.standing(at: time).reserved == .zero })
    }

    @Test(
        "F16: with a clock that jumps by a day in either direction no day has more than its own budget",
        arguments: 0..<20
    )
    func jumps(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        let scope = BudgetWorld.scope(dailyTokens: 1_000)
        var settled: [Int: Int] = [:]
        var time = BudgetWorld.noon
        for _ in 0..<500 {
            time += .random(in: 0...600_000, using: &random)
            let shown = time + .random(in: -1...1, using: &random) * BudgetWorld.day
            let tokens = Int.random(in: 1...100, using: &random)
            guard BudgetWorld.spend([scope], BudgetAmount(tokens: tokens), at: shown) == nil else { continue }
            settled[shown / BudgetWorld.day, default: 0] += tokens
        }
        #expect(settled.values.allSatisfy { $0 <= 1_000 })
    }
}
