import GRDB
import Providers

extension IdentityScopes {
    /// Reads tenants, teams and users; what `last` has counted goes on.
    convenience init(in database: Database, after last: IdentityScopes?) throws {
        var tenants: [String: Tenant] = [:]
        let limits = LimitColumns.names
        try Self.forEach(database, "SELECT id, name, status, preference, \(limits) FROM tenants") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 4))
            let old = last?.tenants[id]
            tenants[id] = Tenant(
                id: id,
                name: row[1],
                isSuspended: row[2] as String == "suspended",
                preference: (row[3] as String?).flatMap(RoutePreference.init),
                limits: .of(.tenant, columns.limits, after: old?.limits),
                regions: columns.regions,
                load: old?.load ?? TenantLoad()
            )
        }
        try Self.forEach(database, "SELECT tenant, team, models FROM policies ORDER BY number") { row in
            let models = IdentityValue.list(of: row[2]).map { ModelPattern($0) }
            tenants[row[0] as String]?.policies.append((row[1] as String?, models))
        }
        var teams: [String: Team] = [:]
        try Self.forEach(database, "SELECT id, models, \(limits) FROM teams") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 2))
            teams[id] = Team(
                limits: .of(.team, columns.limits, after: last?.teams[id]?.limits),
                regions: columns.regions,
                models: Self.patterns(row[1])
            )
        }
        var users: [String: User] = [:]
        try Self.forEach(database, "SELECT id, team, models, tenant, name, \(limits) FROM users") { row in
            let (id, columns): (String, LimitColumns) = (row[0], LimitColumns(row, from: 5))
            tenants[row[3] as String]?.users[ByteString(row[4] as String)] = id
            users[id] = User(
                team: row[1],
                limits: .of(.user, columns.limits, after: last?.users[id]?.limits),
                regions: columns.regions,
                models: Self.patterns(row[2])
            )
        }
        self.init(tenants: tenants, teams: teams, users: users)
    }

    private static func patterns(_ text: String?) -> [ModelPattern] {
        text.map { IdentityValue.list(of: $0).map { ModelPattern($0) } } ?? []
    }

    private static func forEach(_ database: Database, _ sql: String, _ body: (Row) throws -> Void) throws {
        let rows = try Row.fetchCursor(try database.cachedStatement(sql: sql))
        while let row = try rows.next() { try body(row) }
    }
}

/// The columns of limits in a row, which stand behind each other.
struct LimitColumns {
    /// As a statement names them: those of `LimitSet`, and the regions.
    static let names = (LimitSet.Member.allCases.map { "\"\($0.rawValue)\"" } + ["regions"]).joined(separator: ", ")

    var limits = LimitSet()
    var regions: [String] = []

    init(_ row: Row, from place: Int) {
        for (offset, member) in LimitSet.Member.allCases.enumerated() {
            if let value: Int = row[place + offset] { limits[member] = value }
        }
        if let text: String = row[place + LimitSet.Member.allCases.count] { regions = IdentityValue.list(of: text) }
    }
}
