import JSON

extension UsageAdministration {
    /// A page of whoever has a budget: tenants, then teams, users and keys, each in the order in which they were made.
    ///
    /// The page may end early, and even be empty, because only so many rows are looked at for one.
    func budgets(
        _ question: UsageQuestion,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        let now = clock()
        let page = try store.read { (tables) throws(AdministrationProblem) in
            var page = BudgetPage(question, actor, try tables.budgetTenant(question, actor))
            try page.read(tables, identities)
            return page
        }
        var writer = JSONWriter(capacity: 1 << 12)
        writer.object { object in
            object.key("data")
            object.array { list in
                for (row, scope) in page.found {
                    for budget in scope.rows(at: now) {
                        list.object { member in
                            member.member("level", row.kind.noun)
                            member.member("id", row.id)
                            member.member("name", row.values[row.kind.label]?.text ?? "")
                            member.member("tenant", orNull: row.tenant)
                            budget.write(to: &member)
                        }
                    }
                }
            }
            object.member("next", page.next.map { .string(AdministrationQuery.cursor($0)) } ?? JSONValue.null)
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }
}

extension IdentityTables {
    /// The tenant whose budgets are asked for; nil for all.
    fileprivate func budgetTenant(
        _ question: UsageQuestion,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> String? {
        let own: String? = try Access.of(actor.role, toRead: .budgets) == .all ? nil : actor.ownTenant
        guard let reference = question.filters[.tenant] else { return own }
        guard let row = try find(.tenants, reference, in: nil), own == nil || row.id == own else {
            throw .missing(.tenants, field: "tenant")
        }
        return row.id
    }
}

/// Walks over the things that can have a budget, kind by kind.
private struct BudgetPage {
    private static let kinds: [IdentityKind] = [.tenants, .teams, .users, .keys]
    /// Rows that are looked at for one page (B18).
    private static let mostRows = 5_000
    private static let step = 200

    private(set) var found: [(row: IdentityRow, scope: BudgetScope)] = []
    /// Where the next page begins; nil behind the last one.
    private(set) var next: Int?
    private let limit: Int
    private let tenant: String?
    private let actor: AdministrationActor
    private let isOwn: Bool
    private var kind: Int
    private var number: Int

    init(_ question: UsageQuestion, _ actor: AdministrationActor, _ tenant: String?) {
        limit = question.limit
        self.tenant = tenant
        self.actor = actor
        isOwn = Access.of(actor.role, toRead: .budgets) == .own
        kind = (question.after ?? 0) >> Self.kindShift
        number = (question.after ?? 0) & (1 << Self.kindShift - 1)
    }

    /// A number of a row has so many bits, which SQLite would take a long time to use up.
    private static let kindShift = 48

    mutating func read(_ tables: IdentityTables, _ identities: IdentitySnapshot) throws(AdministrationProblem) {
        var looked = 0
        while kind < Self.kinds.count {
            let rows = try self.rows(tables)
            for row in rows {
                (number, looked) = (row.number, looked + 1)
                if let scope = identities.budget(of: row.kind, row.id), !scope.limits.isEmpty {
                    found.append((row, scope))
                }
                guard found.count < limit, looked < Self.mostRows else {
                    next = kind << Self.kindShift | number
                    return
                }
            }
            if rows.count < Self.step { (kind, number) = (kind + 1, 0) }
        }
    }

    /// The next rows of the kind, as far as the actor sees them.
    private func rows(_ tables: IdentityTables) throws(AdministrationProblem) -> [IdentityRow] {
        let kind = Self.kinds[kind]
        guard isOwn else { return try tables.page(kind, filter(), after: number, limit: Self.step) }
        switch kind {
        case .users:
            guard let user = actor.user, let row = try tables.find(.users, user, in: nil), row.number > number else {
                return []
            }
            return [row]
        case .keys:
            var filter = filter()
            filter.own = (actor.key, actor.user)
            return try tables.page(.keys, filter, after: number, limit: Self.step)
        default: return []
        }
    }

    private func filter() -> IdentityFilter {
        var filter = IdentityFilter()
        filter.tenant = tenant
        return filter
    }
}
