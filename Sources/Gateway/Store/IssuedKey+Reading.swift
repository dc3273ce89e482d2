import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension IssuedKey {
    /// All keys that were not revoked, each with what its tenant, its team and its user say of it.
    ///
    /// There may be very many, so that their rows are read by the columns' places, and what they have in common is made once.
    static func all(
        in database: Database,
        _ scopes: IdentityScopes,
        _ accounts: BudgetAccounts,
        after last: IdentitySnapshot?
    ) throws -> [String: IssuedKey] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, tenant, user, label, role, scopes, models, addresses, hash, previous_hash, expires_at,
                    overlap_until, \(LimitColumns.names)
                FROM keys WHERE revoked_at IS NULL
                """
        )
        var reader = Reader(scopes: scopes, accounts: accounts, last: last)
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() { reader.read(row) }
        return reader.keys
    }

    private struct Reader {
        let scopes: IdentityScopes
        let accounts: BudgetAccounts
        let last: IdentitySnapshot?
        var keys: [String: IssuedKey] = [:]
        /// By the user's id, or by the tenant's where there is no user.
        private var known: [String: IdentityScopes.Bounds] = [:]
        /// By their text in the store.
        private var keyScopes: [String: Set<KeyScope>] = [:]

        init(scopes: IdentityScopes, accounts: BudgetAccounts, last: IdentitySnapshot?) {
            self.scopes = scopes
            self.accounts = accounts
            self.last = last
        }

        mutating func read(_ row: Row) {
            let (id, tenant, user): (String, String?, String?) = (row[0], row[1], row[2])
            let old = last?.keys[id]
            let own = LimitColumns(row, from: 12)
            var bounds = self.bounds(tenant: tenant, user: user)
            if let models: String = row[6] { bounds.rights.restrict(to: IdentityValue.list(of: models)) }
            bounds.rights.restrict(toRegions: own.regions)
            let before = old?.principal.limits.last { $0.level == .key }
            if let scope = LimitScope.of(.key, own.limits, after: before) { bounds.limits.append(scope) }
            let budget = old?.principal.budgets.last { $0.level == .key }
            let calendar = bounds.calendar
            bounds.budgets.append(.of(.key, id, own.budgets, calendar, in: accounts, after: budget))
            let facts = tenant.flatMap { scopes.tenants[$0] }
            let principal = Principal(
                tenant: tenant,
                tenantName: facts?.name,
                team: user.flatMap { scopes.users[$0]?.team },
                user: user,
                label: row[3],
                // A word that is not known gives the least.
                role: (row[4] as String?).flatMap(Role.init) ?? .viewer,
                preference: facts?.preference,
                scopes: keyScopes(of: row[5]),
                rights: bounds.rights,
                isSuspended: facts?.isSuspended ?? false,
                owner: Owner(name: "issued:" + (user ?? id)),
                limits: bounds.limits,
                budgets: bounds.budgets,
                calendar: calendar,
                load: facts?.load,
                content: facts?.content
            )
            keys[id] = IssuedKey(
                id: id,
                principal: principal,
                addresses: (row[7] as String?).map { IdentityValue.list(of: $0).compactMap { AddressRange($0) } } ?? [],
                expiresAt: row[10],
                hash: Array(row[8] as Data),
                previousHash: (row[9] as Data?).map { Array($0) },
                overlapUntil: row[11],
                use: old?.use ?? KeyUse()
            )
        }

        private mutating func bounds(tenant: String?, user: String?) -> IdentityScopes.Bounds {
            guard let name = user ?? tenant else { return IdentityScopes.Bounds() }
            if let bounds = known[name] { return bounds }
            let made = scopes.bounds(tenant: tenant, user: user)
            known[name] = made
            return made
        }

        private mutating func keyScopes(of text: String) -> Set<KeyScope> {
            if let known = keyScopes[text] { return known }
            let made = Set(IdentityValue.list(of: text).compactMap(KeyScope.init))
            keyScopes[text] = made
            return made
        }
    }
}
