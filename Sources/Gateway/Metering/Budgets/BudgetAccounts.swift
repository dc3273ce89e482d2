import Synchronization

/// The accounts of a process, which every snapshot of the identities takes its own from.
final class BudgetAccounts: Sendable {
    private struct Name: Sendable, Hashable {
        let level: LimitLevel
        let id: String
    }

    let alerts: BudgetAlerts
    private let accounts = Mutex<[Name: BudgetAccount]>([:])

    /// Accounts that begin with what is known to be spent; of each only the last days and months count.
    init(spends: [SpendOfDay] = [], alerts: BudgetAlerts = BudgetAlerts()) {
        self.alerts = alerts
        for spend in spends.sorted(by: { $0.day < $1.day }) { note(spend) }
    }

    /// The one account of somebody, which is made where there is none.
    func account(_ level: LimitLevel, _ id: String) -> BudgetAccount {
        let name = Name(level: level, id: id)
        return accounts.withLock { accounts in
            if let account = accounts[name] { return account }
            let made = BudgetAccount(level, id, alerts: alerts)
            accounts[name] = made
            return made
        }
    }

    /// Adds what was spent without a reservation of this process.
    func note(_ spend: SpendOfDay) {
        let amount = BudgetAmount(cost: spend.cost, tokens: spend.tokens)
        account(spend.level, spend.id).note(amount, on: BudgetDay(day: spend.day))
    }

    /// How somebody stands on a day; nil for whom nothing was ever asked of this process.
    func standing(of level: LimitLevel, _ id: String, on today: BudgetDay) -> BudgetStanding? {
        let name = Name(level: level, id: id)
        return accounts.withLock { $0[name] }?.standing(on: today)
    }

    /// Drops the account of what was deleted or revoked and does not come back; what still runs ends in it all the same.
    func forget(_ level: LimitLevel, _ ids: [String]) {
        guard !ids.isEmpty else { return }
        accounts.withLock { accounts in
            for id in ids { accounts[Name(level: level, id: id)] = nil }
        }
    }
}
