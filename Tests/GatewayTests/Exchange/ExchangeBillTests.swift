import Dialects
import Testing

@testable import Gateway

@Suite("What a request sets aside, and what it came to")
struct ExchangeBillTests {
    /// A dollar for a million tokens of a prompt, and two for those of an answer.
    private static let price = Price(input: 1_000_000, output: 2_000_000)
    private static let noon = BudgetWorld.noon

    private static func facts(_ members: String = "") throws -> RequestFacts {
        try RequestFacts(Array(Sample.chat.body(extra: members).utf8), endpoint: .chatCompletions)
    }

    /// Sets aside what so many tokens cost.
    private static func reserve(
        _ bill: inout ExchangeBill,
        _ tokens: TokenAmounts,
        _ price: Price = ExchangeBillTests.price,
        of scope: BudgetScope,
        clamps: Bool = false
    ) throws {
        let facts = try Self.facts(#""max_tokens":1000,"#)
        try bill.reserve(tokens, price, of: [scope], for: facts, clamps: clamps, at: noon)
    }

    @Test("what a stream outgrows is set aside as it goes, and what was used takes its place at the end")
    func outgrown() throws {
        let scope = BudgetWorld.scope(dailyTokens: 2_000)
        var bill = ExchangeBill()
        try Self.reserve(&bill, TokenAmounts(input: 10, output: 100), of: scope)
        bill.allowFraming(isBounded: true)
        let (fits, isLonger) = (!bill.isOutgrown(by: 164), bill.isOutgrown(by: 165))
        #expect(fits && isLonger)
        try bill.extend(Self.price, at: Self.noon)
        let expected = bill.answer.tokens
        #expect(expected == 356 && scope.standing(at: Self.noon).reserved.tokens == 366)
        let used = BudgetWorld.amount(0.5, tokens: 300)
        bill.settle(used: used, of: [scope], at: Self.noon)
        let isReserved = bill.isReserved
        #expect(!isReserved && scope.standing(at: Self.noon) == BudgetStanding(today: used, thisMonth: used))
    }

    @Test("at a dearer target what that is more is set aside as well, and the whole of it is given back once")
    func dearer() throws {
        let scope = BudgetWorld.scope(daily: 1)
        var bill = ExchangeBill()
        let tokens = TokenAmounts(input: 1_000, output: 1_000)
        try Self.reserve(&bill, tokens, of: scope)
        #expect(scope.standing(at: Self.noon).reserved == BudgetWorld.amount(0.003, tokens: 2_000))
        try Self.reserve(&bill, tokens, Price(input: 2_000_000, output: 4_000_000), of: scope)
        #expect(scope.standing(at: Self.noon).reserved == BudgetWorld.amount(0.006, tokens: 2_000))
        let given = [bill.refund(), bill.refund()]
        #expect(given == [true, false] && scope.standing(at: Self.noon) == BudgetStanding())
    }

    @Test("with clamp an answer may be as long as what is left pays for")
    func shorter() throws {
        let scope = BudgetWorld.scope(dailyTokens: 300)
        var bill = ExchangeBill()
        try Self.reserve(&bill, TokenAmounts(input: 100, output: 1_000), of: scope, clamps: true)
        let (affordable, expected) = (bill.affordableOutput, bill.answer.tokens)
        #expect(affordable == 200 && expected == 200)
        let (isGivenBack, bound) = (bill.refund(), bill.affordableOutput)
        #expect(isGivenBack && bound == nil)
    }

    @Test("what was used counts also where nothing was set aside")
    func unreserved() {
        let scope = BudgetWorld.scope()
        var bill = ExchangeBill()
        let used = BudgetWorld.amount(0.5, tokens: 7)
        bill.settle(used: used, of: [scope], at: Self.noon)
        #expect(scope.standing(at: Self.noon).today == used)
    }
}
