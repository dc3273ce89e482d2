import GRDB

/// What a list is narrowed to.
struct IdentityFilter {
    var tenant: String?
    var user: String?
    /// The keys of this id or this user alone.
    var own: (key: String?, user: String?)?
    var search: String?
    /// Nothing is both in one tenant and in another.
    private(set) var isEmpty = false

    init(search: String? = nil) { self.search = search }

    mutating func and(tenant other: String) {
        if let tenant, !ByteString(tenant).isSame(as: other) { isEmpty = true }
        tenant = other
    }
}

extension ByteString {
    fileprivate func isSame(as text: String) -> Bool { self == ByteString(text) }
}

/// The tables of identities within one transaction; its statements are named by fields and never by what a caller says.
struct IdentityTables {
    let database: Database
    let hasher: KeyHasher
    /// Milliseconds since 1970, one moment for the whole transaction.
    let now: Int

    // MARK: Reading

    /// A thing by its id, or by its name where that is unique: a tenant's, and others' within one tenant.
    func find(
        _ kind: IdentityKind,
        _ reference: String,
        in tenant: String?
    ) throws(AdministrationProblem) -> IdentityRow? {
        try guarded {
            let scope = tenant == nil ? "" : " AND \"tenant\" = :tenant"
            let arguments: StatementArguments = ["reference": reference, "tenant": tenant]
            func fetch(_ column: String) throws -> IdentityRow? {
                let sql = "SELECT * FROM \"\(kind.rawValue)\" WHERE \"\(column)\" = :reference\(scope)"
                let statement = try database.cachedStatement(sql: sql)
                try statement.setArguments(tenant == nil ? ["reference": reference] : arguments)
                return try Row.fetchOne(statement).map { IdentityRow(kind, $0) }
            }
            if let row = try fetch("id") { return row }
            guard kind.label == "name", kind == .tenants || tenant != nil else { return nil }
            return try fetch("name")
        }
    }

    /// Rows behind a number, in their order.
    func page(
        _ kind: IdentityKind,
        _ filter: IdentityFilter,
        after number: Int,
        limit: Int
    ) throws(AdministrationProblem) -> [IdentityRow] {
        guard !filter.isEmpty else { return [] }
        return try guarded {
            var conditions = ["number > :after"]
            var arguments: StatementArguments = ["after": number, "limit": limit]
            if let tenant = filter.tenant {
                conditions.append(kind == .tenants ? "id = :tenant" : "tenant = :tenant")
                arguments += ["tenant": tenant]
            }
            if let user = filter.user {
                conditions.append("user = :user")
                arguments += ["user": user]
            }
            if let own = filter.own {
                conditions.append("(id = :ownKey OR user = :ownUser)")
                arguments += ["ownKey": own.key, "ownUser": own.user]
            }
            if let search = filter.search {
                // Signs that stand for others are looked for as themselves (B18).
                let escaped = ["\\", "%", "_"].reduce(search) { $0.replacing($1, with: "\\\($1)") }
                conditions.append("\"\(kind.label)\" LIKE :search ESCAPE '\\'")
                arguments += ["search": "%\(escaped)%"]
            }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM "\(kind.rawValue)" WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY number LIMIT :limit
                    """,
                arguments: arguments
            )
            .map { IdentityRow(kind, $0) }
        }
    }

    /// Whether there is neither a tenant nor a key.
    func isEmpty() throws(AdministrationProblem) -> Bool {
        try guarded {
            let sql = "SELECT NOT EXISTS (SELECT 1 FROM tenants) AND NOT EXISTS (SELECT 1 FROM keys)"
            return try Bool.fetchOne(database, sql: sql) ?? false
        }
    }

    // MARK: Writing

    func newID(_ kind: IdentityKind) throws(AdministrationProblem) -> String {
        var generator = SystemRandomNumberGenerator()
        while true {
            let id = kind.prefix + KeyText.newID(using: &generator)
            guard try find(kind, id, in: nil) != nil else { return id }
        }
    }

    func newKey(_ id: String) -> KeyText {
        var generator = SystemRandomNumberGenerator()
        return KeyText(id: id, using: &generator)
    }

    func hash(_ key: KeyText) -> [UInt8] { hasher.hash(key.text) }

    func insert(
        _ kind: IdentityKind,
        _ values: [String: IdentityValue],
        hash: [UInt8]? = nil
    ) throws(AdministrationProblem) -> IdentityRow {
        var columns = values.mapValues(\.column)
        if let hash { columns["hash"] = Self.blob(hash) }
        let names = columns.keys.sorted()
        try guarded {
            try database.execute(
                sql: """
                    INSERT INTO "\(kind.rawValue)" (\(names.map { "\"\($0)\"" }.joined(separator: ", ")))
                    VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
                    """,
                arguments: StatementArguments(names.map { columns[$0] })
            )
        }
        return try stored(kind, values["id"]?.text ?? "")
    }

    /// Changes values of a row; one that stays the same in all of them is left as it is.
    func update(
        _ row: IdentityRow,
        _ values: [String: IdentityValue],
        hash: [UInt8]? = nil,
        keepsHash: Bool = false
    ) throws(AdministrationProblem) -> IdentityRow {
        guard hash != nil || values.contains(where: { row.values[$0.key] != $0.value }) else { return row }
        let names = values.keys.sorted()
        var assignments = names.map { "\"\($0)\" = ?" } + ["version = version + 1"]
        var arguments = names.map { values[$0]?.column ?? .null }
        if let hash {
            assignments += [keepsHash ? "previous_hash = hash" : "previous_hash = NULL", "hash = ?"]
            arguments.append(Self.blob(hash))
        }
        arguments.append(row.id.databaseValue)
        try guarded {
            try database.execute(
                sql: "UPDATE \"\(row.kind.rawValue)\" SET \(assignments.joined(separator: ", ")) WHERE id = ?",
                arguments: StatementArguments(arguments)
            )
        }
        return try stored(row.kind, row.id)
    }

    func delete(_ row: IdentityRow) throws(AdministrationProblem) {
        try guarded {
            try database.execute(sql: "DELETE FROM \"\(row.kind.rawValue)\" WHERE id = ?", arguments: [row.id])
        }
    }

    private func stored(_ kind: IdentityKind, _ id: String) throws(AdministrationProblem) -> IdentityRow {
        guard let row = try find(kind, id, in: nil) else { preconditionFailure("what was just written is there") }
        return row
    }

    static func blob(_ bytes: [UInt8]) -> DatabaseValue {
        bytes.withUnsafeBytes { buffer in Self.data(buffer).databaseValue }
    }

    /// Says what the database says in the administration's words.
    func guarded<Result>(_ body: () throws -> Result) throws(AdministrationProblem) -> Result {
        do { return try body() } catch { throw AdministrationProblem(error) }
    }
}

extension AdministrationProblem {
    init(_ error: any Error) {
        if let problem = error as? AdministrationProblem {
            self = problem
            return
        }
        switch (error as? DatabaseError)?.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE?: self.init(.nameTaken, "There is another one of this name.", field: "name")
        case .SQLITE_CONSTRAINT_FOREIGNKEY?:
            self.init(.inUse, "Delete what belongs to it first, or suspend the tenant instead.")
        default: self = .store(error)
        }
    }
}
