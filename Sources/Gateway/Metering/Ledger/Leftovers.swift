import Synchronization

/// What earlier processes spent and the ledger could not be told before this one began.
///
/// Until all of it is filed nobody knows what is left of a budget. Then it is added to the accounts, once: what this process
/// spends itself is on them already, and is in segments with higher numbers.
final class Leftovers: Sendable {
    private struct Name: Hashable {
        let day: Int
        let level: LimitLevel
        let id: String
    }

    /// The highest segment of earlier processes.
    private let lastSegment: Int
    private let accounts: BudgetAccounts
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int
    private let amounts = Mutex<[Name: BudgetAmount]>([:])
    private let isDone = Atomic<Bool>(false)

    init(upTo lastSegment: Int, accounts: BudgetAccounts, clock: @escaping @Sendable () -> Int) {
        self.lastSegment = lastSegment
        self.accounts = accounts
        self.clock = clock
    }

    /// Whether all is filed, and on the accounts.
    var areFiled: Bool { isDone.load(ordering: .acquiring) }

    /// Takes note of records that were filed.
    func didFile(_ records: [(place: JournalPlace, record: UsageRecord)]) {
        guard !areFiled else { return }
        let earliest = clock() / 86_400_000 - SpendOfDay.days
        amounts.withLock { amounts in
            for (place, record) in records where place.segment <= lastSegment && record.day >= earliest {
                let sums = UsageSums(record)
                let spent = BudgetAmount(cost: Money(nanos: sums.cost), tokens: sums.input + sums.output)
                let day = UsageGrain.boundedDay(record.day)
                for (level, id) in record.scopes {
                    amounts[Name(day: day, level: level, id: id), default: .zero] += spent
                }
            }
        }
    }

    /// Everything is filed.
    func didFileAll() {
        guard !areFiled else { return }
        let noted = self.amounts.withLock { amounts in
            defer { amounts = [:] }
            return amounts
        }
        let spends = noted.map { name, amount in
            SpendOfDay(day: name.day, level: name.level, id: name.id, cost: amount.cost, tokens: amount.tokens)
        }
        for spend in Self.relevant(spends, today: clock() / 86_400_000) { accounts.note(spend) }
        isDone.store(true, ordering: .releasing)
    }

    /// What budgets still ask for, in the order of its days: the days that it may be anywhere, each by itself, and those of
    /// their months before them as one.
    ///
    /// An account remembers a few days alone: with more of them it would forget the one that it is.
    static func relevant(_ spends: [SpendOfDay], today: Int) -> [SpendOfDay] {
        let yesterday = today - 1
        let month = UsageGrain.firstOfMonth(yesterday)
        let late = spends.filter { (yesterday...today + 1).contains($0.day) }
        var early: [Name: SpendOfDay] = [:]
        for spend in spends where (month..<yesterday).contains(spend.day) {
            let name = Name(day: month, level: spend.level, id: spend.id)
            var sum = early[name] ?? SpendOfDay(day: month, level: spend.level, id: spend.id, cost: .zero, tokens: 0)
            sum.cost += spend.cost
            sum.tokens = min(sum.tokens + spend.tokens, UsageSums.most)
            early[name] = sum
        }
        return (Array(early.values) + late).sorted { $0.day < $1.day }
    }
}

extension UsageRecord {
    /// Whose budgets it counts for.
    fileprivate var scopes: [(level: LimitLevel, id: String)] {
        let all: [(LimitLevel, String?)] = [(.tenant, tenant), (.team, team), (.user, user), (.key, key)]
        return all.compactMap { level, id in id.map { (level, $0) } }
    }
}
