import GRDB
import Providers

extension IdentityScopes {
    /// Reads tenants, teams and users; what `last` has counted goes on, and what they spend is counted on `accounts`.
    convenience init(in database: Database, _ accounts: BudgetAccounts, after last: IdentityScopes?) throws {
        var tenants: [String: Tenant] = [:]
        let limits = LimitColumns.names
        try Self.forEach(database, "SELECT id, name, status, preference, time_zone, \(limits) FROM tenants") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 5))
            let old = last?.tenants[id]
            let calendar = TenantCalendar.of(row[4], after: old?.calendar)
            tenants[id] = Tenant(
                id: id,
                name: row[1],
                isSuspended: row[2] as String == "suspended",
                preference: (row[3] as String?).flatMap(RoutePreference.init),
                limits: .of(.tenant, columns.limits, after: old?.limits),
                budget: .of(.tenant, id, columns.budgets, calendar, in: accounts, after: old?.budget),
                calendar: calendar,
                regions: columns.regions,
                load: old?.load ?? TenantLoad()
            )
        }
        try Self.forEach(database, "SELECT tenant, team, models FROM policies ORDER BY number") { row in
            let models = IdentityValue.list(of: row[2]).map { ModelPattern($0) }
            tenants[row[0] as String]?.policies.append((row[1] as String?, models))
        }
        try Self.forEach(database, Self.contents) { row in
            tenants[row[0] as String]?.content = TenantContent(
                isKept: row[1] as String == "on",
                days: row[2],
                isMaskedUpstream: row[3] as String == "on"
            )
        }
        var teams: [String: Team] = [:]
        try Self.forEach(database, "SELECT id, tenant, models, \(limits) FROM teams") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 3))
            let tenant: String = row[1]
            let (old, calendar) = (last?.teams[id], tenants[tenant]?.calendar ?? .utc)
            teams[id] = Team(
                tenant: tenant,
                limits: .of(.team, columns.limits, after: old?.limits),
                budget: .of(.team, id, columns.budgets, calendar, in: accounts, after: old?.budget),
                regions: columns.regions,
                models: Self.patterns(row[2])
            )
        }
        var users: [String: User] = [:]
        try Self.forEach(database, "SELECT id, team, models, tenant, name, \(limits) FROM users") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 5))
            let tenant: String = row[3]
            tenants[tenant]?.users[ByteString(row[4] as String)] = id
            let (old, calendar) = (last?.users[id], tenants[tenant]?.calendar ?? .utc)
            users[id] = User(
                tenant: tenant,
                team: row[1],
                limits: .of(.user, columns.limits, after: old?.limits),
                budget: .of(.user, id, columns.budgets, calendar, in: accounts, after: old?.budget),
                regions: columns.regions,
                models: Self.patterns(row[2])
            )
        }
        self.init(tenants: tenants, teams: teams, users: users)
    }

    private static func patterns(_ text: String?) -> [ModelPattern] {
        text.map { IdentityValue.list(of: $0).map { ModelPattern($0) } } ?? []
    }

    private static let contents = """
        SELECT id, capture, capture_days, mask_upstream FROM tenants WHERE capture = 'on' OR mask_upstream = 'on'
        """

    private static func forEach(_ database: Database, _ sql: String, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(try database.cachedStatement(sql: sql))
        while let row = try rows.next() { try body(row) }
    }
}

/// The columns of limits and budgets in a row, which stand behind each other.
struct LimitColumns {
    /// As a statement names them: those of `LimitSet`, the regions, and those of `BudgetLimits`.
    static let names =
        (LimitSet.Member.allCases.map(\.rawValue) + ["regions"] + BudgetLimits.Member.allCases.map(\.rawValue))
        .map { "\"\($0)\"" }.joined(separator: ", ")

    var limits = LimitSet()
    var regions: [String] = []
    var budgets = BudgetLimits()

    init(_ row: Row, from place: Int) {
        for (offset, member) in LimitSet.Member.allCases.enumerated() {
            if let value: Int = row[place + offset] { limits[member] = value }
        }
        let behind = place + LimitSet.Member.allCases.count
        if let text: String = row[behind] { regions = IdentityValue.list(of: text) }
        for (offset, member) in BudgetLimits.Member.allCases.enumerated() {
            let column = behind + 1 + offset
            switch member {
            case .dailyCost: budgets.dailyCost = Self.money(row[column])
            case .monthlyCost: budgets.monthlyCost = Self.money(row[column])
            case .dailyTokens: budgets.dailyTokens = row[column]
            case .monthlyTokens: budgets.monthlyTokens = row[column]
            }
        }
    }

    /// What stands there and is no amount allows nothing.
    private static func money(_ usd: Double?) -> Money? { usd.map { Money(usd: $0) ?? .zero } }
}
