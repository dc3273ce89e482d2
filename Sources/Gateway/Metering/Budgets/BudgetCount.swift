/// What was spent in one period, and in the last few others, to which a clock may go back.
///
/// Each period has one sum, whatever the clock does: one that is set back goes on with what the day had already, and gives
/// nobody a budget twice (F16).
struct PeriodSpend: Sendable, Hashable {
    private struct Past: Sendable, Hashable {
        var number: Int
        var spent: BudgetAmount
        var told: [UInt8]
    }

    /// The day or the month; nil before anything is known.
    private(set) var number: Int?
    private(set) var spent = BudgetAmount.zero
    /// The highest thresholds of which somebody was told, in percent, by unit.
    private var told: [UInt8] = []
    /// The one that was left last is at the end.
    private var past: [Past] = []

    /// Goes on with the sum of another period.
    mutating func move(to next: Int) {
        guard number != next else { return }
        let found = past.firstIndex { $0.number == next }.map { past.remove(at: $0) }
        if let number {
            past.append(Past(number: number, spent: spent, told: told))
            if past.count > Self.mostPast { past.removeFirst() }
        }
        (number, spent, told) = (next, found?.spent ?? .zero, found?.told ?? [])
    }

    mutating func add(_ amount: BudgetAmount) { spent += amount }

    /// The thresholds of a limit that are reached and of which nobody was told yet; they count as told from now on.
    mutating func reach(_ thresholds: [Int], of limit: Int, _ unit: BudgetUnit) -> [Int] {
        let place = unit == .cost ? 0 : 1
        let before = told.isEmpty ? 0 : Int(told[place])
        guard limit > 0, let highest = thresholds.last(where: { Self.isReached($0, by: spent[unit], of: limit) }),
            highest > before
        else { return [] }
        if told.isEmpty { told = [0, 0] }
        told[place] = UInt8(clamping: highest)
        return thresholds.filter { before < $0 && $0 <= highest }
    }

    /// Whether an amount is so many percent of a limit; without a product that would be too large.
    private static func isReached(_ percent: Int, by amount: Int, of limit: Int) -> Bool {
        amount >= limit / 100 * percent + (limit % 100 * percent + 99) / 100
    }

    /// A clock that is wrong by a day in either direction shows four days around a midnight.
    private static let mostPast = 3
}

/// What somebody has spent today and this month, and what is set aside for requests that still run: a value.
struct BudgetCount: Sendable, Hashable {
    private(set) var day = PeriodSpend()
    private(set) var month = PeriodSpend()
    /// It belongs to no day: it moves along until it is settled, and counts on the day on which that happens.
    private(set) var reserved = BudgetAmount.zero

    mutating func move(to today: BudgetDay) {
        day.move(to: today.day)
        month.move(to: today.month)
    }

    func spent(in period: BudgetPeriod) -> BudgetAmount {
        switch period {
        case .day: day.spent
        case .month: month.spent
        }
    }

    /// The first limit that does not allow an amount now.
    func obstacle(to wanted: BudgetAmount, _ limits: BudgetLimits) -> BudgetLimits.Member? {
        guard !limits.isEmpty else { return nil }
        return BudgetLimits.Member.allCases.first { member in
            let unit = member.unit
            // What is free needs no budget, also where more was spent than was allowed.
            guard let limit = limits[member], wanted[unit] > 0 else { return false }
            return (spent(in: member.period) + reserved + wanted)[unit] > limit
        }
    }

    /// What all limits still allow together.
    func left(_ limits: BudgetLimits) -> BudgetAmount {
        var left = BudgetAmount.unbounded
        guard !limits.isEmpty else { return left }
        for member in BudgetLimits.Member.allCases {
            guard let limit = limits[member] else { continue }
            let (unit, taken) = (member.unit, spent(in: member.period) + reserved)
            left[unit] = min(left[unit], max(0, limit - min(taken[unit], limit)))
        }
        return left
    }

    mutating func reserve(_ amount: BudgetAmount) { reserved += amount }

    mutating func refund(_ amount: BudgetAmount) { reserved = reserved - amount }

    /// Ends what was set aside; what was used counts on the day that it is now.
    mutating func settle(_ amount: BudgetAmount, used: BudgetAmount, on today: BudgetDay) {
        refund(amount)
        spend(used, on: today)
    }

    mutating func spend(_ used: BudgetAmount, on today: BudgetDay) {
        move(to: today)
        day.add(used)
        month.add(used)
    }

    /// The thresholds that are reached and of which nobody was told yet, by the limit that they are of.
    mutating func reach(_ thresholds: [Int], _ limits: BudgetLimits) -> [(member: BudgetLimits.Member, percent: Int)] {
        var reached: [(member: BudgetLimits.Member, percent: Int)] = []
        for member in BudgetLimits.Member.allCases {
            guard let limit = limits[member] else { continue }
            let found =
                switch member.period {
                case .day: day.reach(thresholds, of: limit, member.unit)
                case .month: month.reach(thresholds, of: limit, member.unit)
                }
            for percent in found { reached.append((member, percent)) }
        }
        return reached
    }
}
