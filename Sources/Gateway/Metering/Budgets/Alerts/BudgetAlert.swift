import JSON

/// A threshold of somebody's budget that was reached.
struct BudgetAlert: Sendable, Hashable {
    let level: LimitLevel
    /// The id of the tenant, the team, the user or the key.
    let subject: String
    let member: BudgetLimits.Member
    /// The day or the month.
    let number: Int
    /// Percent.
    let threshold: Int
    /// Billionths of a dollar, or tokens.
    let limit: Int
    let spent: Int

    /// The same for the same threshold of the same budget in the same period, so that a receiver knows one that comes twice.
    var id: String { "\(level.rawValue):\(subject):\(member.rawValue):\(period):\(threshold)" }

    /// `2027-01-31`, or `2027-01`.
    private var period: String {
        switch member.period {
        case .day: Timestamp.date(ofDay: number)
        case .month: "\(number / 12)-\(number % 12 < 9 ? "0" : "")\(number % 12 + 1)"
        }
    }

    /// The body of the request that tells of it; amounts of money are in USD.
    func body() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", id)
            object.member("type", "budget.threshold")
            object.member("level", level.rawValue)
            object.member("subject", subject)
            object.member("budget", member.rawValue)
            object.member("period", period)
            object.member("threshold", threshold)
            object.member("unit", member.unit.rawValue)
            for (name, amount) in [("limit", limit), ("spent", spent)] {
                object.key(name)
                object.number(member.unit == .cost ? Money(nanos: amount).number : JSONNumber(amount))
            }
        }
        return writer.bytes
    }
}

extension Money {
    /// In USD as JSON has it, without a fraction where there is none.
    var number: JSONNumber {
        let whole = nanos / 1_000_000_000
        guard whole * 1_000_000_000 != nanos else { return JSONNumber(whole) }
        return JSONNumber(usd) ?? JSONNumber(whole)
    }
}
