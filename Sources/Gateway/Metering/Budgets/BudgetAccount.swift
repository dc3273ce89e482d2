import Synchronization

/// What one tenant, team, user or key spends; one object for all event loops, which lives on from one snapshot to the next.
///
/// It counts whether there is a budget or not, so that one that is set at noon knows of the morning. The lock is held for a
/// few lines.
final class BudgetAccount: Sendable {
    let level: LimitLevel
    let id: String
    /// How long its answers were lately.
    let outputs = OutputHistory()
    let alerts: BudgetAlerts
    private let count = Mutex(BudgetCount())

    init(_ level: LimitLevel, _ id: String, alerts: BudgetAlerts) {
        self.level = level
        self.id = id
        self.alerts = alerts
    }

    /// Has something done with the count as it is on a day, while nobody else can.
    func withCount<Result: Sendable>(on today: BudgetDay, _ body: (inout BudgetCount) -> Result) -> Result {
        count.withLock { count in
            count.move(to: today)
            return body(&count)
        }
    }

    /// How it stands on a day, which may be another one than that of the last request.
    func standing(on today: BudgetDay) -> BudgetStanding {
        withCount(on: today) {
            BudgetStanding(today: $0.day.spent, thisMonth: $0.month.spent, reserved: $0.reserved)
        }
    }

    /// Adds what was spent without a reservation, such as before this process began.
    func note(_ amount: BudgetAmount, on today: BudgetDay) { count.withLock { $0.spend(amount, on: today) } }

    func refund(_ amount: BudgetAmount) { count.withLock { $0.refund(amount) } }

    /// Ends what was set aside, and says of what somebody has to be told.
    func settle(
        _ amount: BudgetAmount,
        used: BudgetAmount,
        on today: BudgetDay,
        _ limits: BudgetLimits
    ) -> [BudgetAlert] {
        let thresholds = limits.isEmpty ? [] : alerts.thresholds
        return count.withLock { count in
            count.settle(amount, used: used, on: today)
            guard !thresholds.isEmpty else { return [] }
            return count.reach(thresholds, limits).map { reached in
                let member = reached.member
                return BudgetAlert(
                    level: level,
                    subject: id,
                    member: member,
                    number: today.number(of: member.period),
                    threshold: reached.percent,
                    limit: limits[member] ?? 0,
                    spent: count.spent(in: member.period)[member.unit]
                )
            }
        }
    }
}

/// What is spent and set aside at one moment.
struct BudgetStanding: Sendable, Hashable {
    var today = BudgetAmount.zero
    var thisMonth = BudgetAmount.zero
    /// For requests that still run.
    var reserved = BudgetAmount.zero
}
