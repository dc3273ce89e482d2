/// What somebody spent on one day of his tenant's calendar, as it is read when a process starts.
struct SpendOfDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    var day: Int
    var level: LimitLevel
    /// The id of the tenant, the team, the user or the key.
    var id: String
    var cost: Money
    var tokens: Int

    /// Days back to which budgets go on from it: two months of 31, and a day of another time zone at both ends.
    static let days = 64
}
