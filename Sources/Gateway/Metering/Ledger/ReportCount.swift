/// Adds sums up to the rows of a report.
struct ReportCount {
    /// What a row is about; a time is 0 where it is not asked for.
    struct Key: Hashable {
        /// Of the subjects.
        var group: Int
        var hour = 0
        var day = 0
    }

    struct Amount {
        var sums = UsageSums()
        var failed = 0

        mutating func add(_ other: UsageSums, isFailure: Bool) {
            sums.add(other)
            if isFailure { failed = min(failed + other.requests, UsageSums.most) }
        }
    }

    private let countsHours: Bool
    private let countsDays: Bool
    private let countsMonths: Bool
    private var places: [Key: Int] = [:]
    /// What was counted last, as often the next is of the same row.
    private var last: (key: Key, place: Int)?
    private var firstsOfMonths: [Int: Int] = [:]
    private(set) var keys: [Key] = []
    private(set) var amounts: [Amount] = []
    private(set) var total = Amount()

    init(_ dimensions: [UsageQuery.Dimension]) {
        countsHours = dimensions.contains(.hour)
        countsDays = dimensions.contains(.day)
        countsMonths = dimensions.contains(.month)
    }

    /// Adds sums to their row; `slot` is of a grain as fine as what is asked for, `day` is in the tenant's time zone.
    ///
    /// - Throws: where there are too many rows.
    mutating func add(
        _ sums: UsageSums,
        isFailure: Bool,
        group: Int,
        slot: Int,
        day: Int
    ) throws(LedgerProblem) {
        let key = Key(
            group: group,
            hour: countsHours ? slot : 0,
            day: countsDays ? day : countsMonths ? firstOfMonth(day) : 0
        )
        let place = try place(of: key)
        amounts[place].add(sums, isFailure: isFailure)
        total.add(sums, isFailure: isFailure)
    }

    private mutating func place(of key: Key) throws(LedgerProblem) -> Int {
        if let last, last.key == key { return last.place }
        let place = places[key] ?? keys.count
        if place == keys.count {
            guard place < Self.mostRows else { throw .tooManyRows }
            places[key] = place
            keys.append(key)
            amounts.append(Amount())
        }
        last = (key, place)
        return place
    }

    private mutating func firstOfMonth(_ day: Int) -> Int {
        if let first = firstsOfMonths[day] { return first }
        let first = UsageGrain.firstOfMonth(day)
        firstsOfMonths[day] = first
        return first
    }

    /// Rows that are ever counted for one report, so that it takes no more than some 30 MB.
    static let mostRows = 100_000
}
