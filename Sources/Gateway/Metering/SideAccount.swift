import Dialects
import Inference
import NIOCore
import Providers

/// Accounts for what was sent to a provider beside the attempt that answers: a shadow's copy, or an attempt that was given up.
///
/// It has a record of its own, which says of the request what the request's record does, and counts in the same budgets. It
/// may outlive the request; confined to its event loop.
struct SideAccount {
    /// How it ended.
    struct Ending {
        /// What the provider answered with; 0 where it did not.
        var status = 0
        var outcome = ExchangeRecord.Outcome.ok
        /// A stable word for what went wrong.
        var code: String?
        /// What the provider told of.
        var usage = Usage()
        /// About how many tokens of the answer came.
        var written = 0

        /// The end of an attempt that was given up.
        static let cancelled = Ending(outcome: .interrupted, code: InferenceError.Code.cancelled.rawValue)
    }

    private let loop: LoopContext
    private let snapshot: Snapshot
    private let principal: Principal?
    private let target: RouteTarget
    /// In which way the provider answers.
    private let endpoint: Endpoint
    private let since: NIODeadline
    private let expectedInput: Int
    private let images: Int
    /// What is known of it before its end.
    private let line: UsageRecord

    /// `images` are those that are paid for by the piece.
    init(
        _ part: UsageRecord.Part,
        of exchange: Exchange,
        at target: RouteTarget,
        _ endpoint: Endpoint,
        since: NIODeadline,
        images: Int
    ) {
        loop = exchange.loop
        snapshot = exchange.snapshot
        principal = exchange.identity.principal
        expectedInput = exchange.expected.input
        self.target = target
        self.endpoint = endpoint
        self.since = since
        self.images = images
        var line = UsageRecord(exchange.record)
        line.part = part
        if principal == nil { line.tenant = IdentitySnapshot.implicitTenant }
        (line.provider, line.upstreamModel) = (target.provider.name, target.model)
        line.upstreamDialect = endpoint.dialect
        (line.attempts, line.tried) = (1, nil)
        (line.usage, line.isEstimated, line.cost, line.price) = (Usage(), false, .zero, nil)
        (line.waitedMicroseconds, line.firstByteMicroseconds, line.firstTokenMicroseconds) = (0, nil, nil)
        self.line = line
    }

    /// The name of the provider.
    var provider: String { target.provider.name }

    /// Settles with all budgets, in the place of what was set aside for it, and writes the record.
    func settle(_ ending: Ending, _ budget: inout BudgetReservation?) {
        let now = loop.shared.admissionClock.wall()
        let (used, isEstimated) = tokens(ending)
        var line = self.line
        (line.status, line.outcome, line.code) = (ending.status, ending.outcome, ending.code)
        (line.usage, line.isEstimated) = (ending.usage, isEstimated)
        if isEstimated { (line.usage.input, line.usage.output) = (used.input, used.output) }
        if used != TokenAmounts(), let price = price(at: now) {
            var usage = ending.usage
            (usage.input, usage.output) = (used.input, used.output)
            (line.price, line.cost) = (price, price.cost(of: usage, images: images))
        }
        line.images = images
        line.at = now
        line.day = (principal?.calendar ?? .utc).day(at: now).day
        line.totalMicroseconds = Int((loop.now - since).nanoseconds / 1_000)
        let amount = BudgetAmount(cost: line.cost, tokens: used.total).bounded
        if let reservation = budget.take() {
            reservation.settle(used: amount, at: now)
        } else if amount != .zero {
            for scope in principal?.budgets ?? [] { scope.settle(.zero, used: amount, at: now) }
        }
        loop.journal?.append(line)
        loop.metrics?.noteBeside(line)
    }

    /// The tokens that were used; where nobody counted them an estimate, which is marked.
    private func tokens(_ ending: Ending) -> (used: TokenAmounts, isEstimated: Bool) {
        guard endpoint.generates || endpoint.embeds else { return (TokenAmounts(), false) }
        let usage = ending.usage
        guard ending.outcome != .failed else {
            return (TokenAmounts(input: usage.input ?? 0, output: usage.output ?? 0), false)
        }
        let written = endpoint.generates ? ending.written : 0
        // Messages begins by saying 1, and says what it came to only at the end.
        let isHalfTold = ending.outcome != .ok && endpoint.dialect == .messages
        let output = isHalfTold ? max(usage.output ?? 0, written) : usage.output ?? written
        let isEstimated = usage.input == nil || (endpoint.generates && usage.output == nil) || isHalfTold
        return (TokenAmounts(input: usage.input ?? expectedInput, output: output), isEstimated)
    }

    private func price(at now: Int) -> Price? {
        snapshot.prices.answer(
            of: target.model,
            at: target.provider,
            speaking: target.dialect,
            at: now,
            overrides: loop.identities.prices,
            hasBudget: false
        ).price
    }
}
