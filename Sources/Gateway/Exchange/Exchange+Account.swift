import Dialects
import Inference
import Providers

/// What the request came to: it is settled with its budgets, and written down before the answer's last byte.
extension Exchange {
    /// Settles with all budgets, and writes the record; nothing is left for a second time.
    func account(for used: TokenAmounts) {
        guard !bill.isAccounted else { return }
        bill.isAccounted = true
        let now = loop.shared.admissionClock.wall()
        noteBudgets(used, at: now)
        guard isAdmitted, !isWarmUp, handshake == nil, route?.endpoint != nil else { return }
        loop.journal?.append(usageRecord(used, at: now))
    }

    /// The same for a message of which its client is about to have everything: behind it nothing more goes down.
    func accountIfTold() {
        guard record.transport == .webSocket, !bill.isAccounted, isTold else { return }
        noteProgress()
        record.totalMicroseconds = microseconds
        account(for: usedTokens())
    }

    /// What the caller's budgets have used.
    private func noteBudgets(_ used: TokenAmounts, at now: Int) {
        let scopes = identity.principal?.budgets ?? []
        let cost = cost(of: used, at: now)
        bill.settle(used: BudgetAmount(cost: cost, tokens: used.total).bounded, of: scopes, at: now)
        if record.outcome == .ok, let output = record.usage.output { scopes.last?.account.outputs.note(output) }
    }

    /// What so many tokens cost at the target that has answered.
    private func cost(of used: TokenAmounts, at now: Int) -> Money {
        guard used != TokenAmounts(), let target = attempts?.target else { return .zero }
        guard let price = price(of: target, at: now, hasBudget: bill.isReserved).price else {
            record.isUnpriced = true
            return .zero
        }
        var usage = record.usage
        (usage.input, usage.output) = (used.input, used.output)
        let cost = price.cost(of: usage, images: bill.images)
        (record.price, record.costNanos) = (price, cost.nanos)
        return cost
    }

    private func usageRecord(_ used: TokenAmounts, at now: Int) -> UsageRecord {
        let principal = identity.principal
        var line = UsageRecord(record)
        if principal == nil { line.tenant = IdentitySnapshot.implicitTenant }
        line.at = now
        line.images = bill.images
        line.day = (principal?.calendar ?? .utc).day(at: line.at).day
        if record.isEstimated { (line.usage.input, line.usage.output) = (used.input, used.output) }
        return line
    }

    /// Puts on the record who asks.
    func noteIdentity() {
        let principal = identity.principal
        (record.tenant, record.team, record.user) = (principal?.tenant, principal?.team, principal?.user)
        record.key = identity.keyID
    }

    /// Notes what has come of an answer that is not whole.
    func noteProgress() {
        if case .stream(let stream) = relay {
            record.usage = stream.observer.usage ?? record.usage
            bill.eventsSeen = stream.observer.events
        }
        guard let translating else { return }
        record.usage = translating.usage ?? record.usage
        bill.eventsSeen = max(bill.eventsSeen, translating.deltas)
    }
}

extension UsageRecord {
    /// What the record of an exchange says of it.
    init(_ record: ExchangeRecord) {
        self.init()
        requestID = record.requestID
        (tenant, team, user, key) = (record.tenant, record.team, record.user, record.key)
        client = record.client ?? ""
        route = record.route
        (dialect, upstreamDialect) = (record.dialect, record.upstreamDialect ?? record.dialect)
        rule = record.rule
        (provider, model, upstreamModel) = (record.provider, record.model, record.upstreamModel)
        isStream = record.streamed
        (status, outcome, code) = (record.status, record.outcome, record.code)
        attempts = record.attempts
        tried = record.tried.isEmpty ? nil : record.triedText
        usage = record.usage
        isEstimated = record.isEstimated
        cost = Money(nanos: record.costNanos ?? 0)
        price = record.price
        waitedMicroseconds = record.waitedMicroseconds
        firstByteMicroseconds = record.firstByteMicroseconds
        firstTokenMicroseconds = record.firstTokenMicroseconds
        totalMicroseconds = record.totalMicroseconds
    }
}
