import Dialects
import Inference

/// What one request may cost and what it came to: what is set aside of budgets for it, and what its use is estimated from.
///
/// A value of its exchange, which is changed in place. It knows neither targets nor who asks.
struct ExchangeBill: ~Copyable {
    /// How long the answer is expected to be.
    struct Answer {
        /// The output tokens that are set aside.
        var tokens = 0
        /// How many events more than that a stream may have, which are no tokens.
        var framing = 0
    }

    var answer = Answer()
    /// How long the answer may be by what its budgets allow; nil where they allow what was asked for.
    private(set) var affordableOutput: Int?
    /// Pictures that are paid for by the piece.
    var images = 0
    /// Whether the provider answers at once and does the work later.
    var isBackground = false
    /// Whether the attempt that is over was sent and had no time to end, so that its provider was at work all the same.
    var isCutShort = false
    /// The events of the stream that came, most of which have a token or more.
    var eventsSeen = 0
    /// Whether what it came to has been written down.
    var isAccounted = false
    /// What is set aside of budgets; nil where there are none.
    private var reservation: BudgetReservation?

    /// Whether anything is set aside.
    var isReserved: Bool { reservation != nil }

    /// Sets aside what a request of so many tokens costs; where something is set aside already, what that is more.
    ///
    /// With `clamps` what is left is enough if it pays for shorter answers.
    ///
    /// - Throws: the budget that does not allow it.
    mutating func reserve(
        _ tokens: TokenAmounts,
        _ price: Price,
        of scopes: [BudgetScope],
        for facts: RequestFacts,
        clamps: Bool,
        at now: Int
    ) throws(BudgetSpent) {
        let whole = price.amount(of: tokens, images: images)
        if let held = reservation?.amount {
            try reservation?.extend(by: whole - held, at: now)
        } else if clamps, tokens.output > Self.leastOutput * Self.answers(to: facts) {
            try reserveShorter(tokens, price, of: scopes, for: facts, at: now)
        } else {
            answer.tokens = tokens.output
            reservation = try BudgetReservation(scopes, whole, at: now)
        }
    }

    /// Sets aside what answers cost that are as long as what is left allows.
    private mutating func reserveShorter(
        _ tokens: TokenAmounts,
        _ price: Price,
        of scopes: [BudgetScope],
        for facts: RequestFacts,
        at now: Int
    ) throws(BudgetSpent) {
        let (images, answers) = (images, Self.answers(to: facts))
        func amount(_ output: Int) -> BudgetAmount {
            price.amount(of: TokenAmounts(input: tokens.input, output: output), images: images)
        }
        let (prompt, whole) = (amount(0), amount(tokens.output))
        var output = tokens.output
        answer.tokens = output
        reservation = try BudgetReservation(scopes, least: amount(Self.leastOutput * answers), at: now) { left in
            if whole.fits(left) { return whole }
            output = left.outputTokens(tokens.output, besides: prompt, perToken: price.dearestOutput)
            return amount(output)
        }
        guard output < tokens.output || facts.maxOutputTokens == nil else { return }
        let each = max(output / answers, Self.leastOutput)
        (affordableOutput, answer.tokens) = (each, each * answers)
    }

    /// Lets a stream have events that are no tokens, where something bounds its answer.
    mutating func allowFraming(isBounded: Bool) {
        answer.framing = isBounded ? max(Self.leastFraming, answer.tokens / 8) : 0
    }

    /// Whether a stream of so many pieces is longer than what is set aside for it.
    func isOutgrown(by pieces: Int) -> Bool { pieces - answer.framing > answer.tokens }

    /// Sets more aside for a stream that has outgrown what it has.
    ///
    /// - Throws: the budget that does not allow it.
    mutating func extend(_ price: Price, at now: Int) throws(BudgetSpent) {
        var price = price
        // The request itself is paid for already.
        price.request = nil
        let more = max(Self.step, answer.tokens / 2)
        try reservation?.extend(by: price.amount(of: TokenAmounts(output: more)), at: now)
        answer.tokens += more
    }

    /// Gives back what is set aside; false where nothing is.
    mutating func refund() -> Bool {
        guard let held = reservation.take() else { return false }
        held.refund()
        affordableOutput = nil
        return true
    }

    /// What was used counts in the place of what is set aside, also where nothing is.
    mutating func settle(used: BudgetAmount, of scopes: [BudgetScope], at now: Int) {
        if let held = reservation.take() {
            held.settle(used: used, at: now)
        } else if used != .zero {
            for scope in scopes { scope.settle(.zero, used: used, at: now) }
        }
    }

    private static func answers(to facts: RequestFacts) -> Int { min(max(facts.answers, 1), Exchange.mostAnswers) }

    /// An answer is never shortened to less than that.
    private static let leastOutput = 16
    /// Events of a stream that are no tokens.
    private static let leastFraming = 64
    /// Tokens that are set aside at once for a stream that outgrows what it has.
    private static let step = 256
}

extension Price {
    /// What so many tokens count for in a budget; which of the prompt goes into a cache and what of the answer is reasoning is
    /// not known before.
    func amount(of tokens: TokenAmounts, images: Int = 0) -> BudgetAmount {
        var price = self
        price.input = max(input, cacheWrite ?? 0, cacheWrite1h ?? 0)
        price.output = dearestOutput
        let cost = price.cost(of: Usage(input: tokens.input, output: tokens.output), images: images)
        return BudgetAmount(cost: cost, tokens: tokens.total)
    }

    /// A token of the answer, of whichever kind.
    fileprivate var dearestOutput: Int { max(output, reasoning ?? 0) }
}
