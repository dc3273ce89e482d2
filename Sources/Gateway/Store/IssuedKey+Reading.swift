import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension IssuedKey {
    /// All keys that were not revoked, each with what its tenant and its team say of it.
    static func all(in database: Database, after last: IdentitySnapshot?) throws -> [String: IssuedKey] {
        let policies = try policies(in: database)
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT keys.*, tenants.name AS tenant_name, tenants.status AS tenant_status, users.team AS team
                FROM keys LEFT JOIN tenants ON tenants.id = keys.tenant LEFT JOIN users ON users.id = keys.user
                WHERE keys.revoked_at IS NULL
                """
        )
        var keys: [String: IssuedKey] = [:]
        while let row = try rows.next() {
            let facts = IdentityRow(.keys, row)
            let team: String? = row["team"]
            var rights = ModelRights()
            rights.restrict(to: facts.values["models"]?.list ?? [])
            for policy in facts.tenant.flatMap({ policies[$0] }) ?? [] where policy.team == nil || policy.team == team {
                rights.restrict(to: policy.models)
            }
            keys[facts.id] = IssuedKey(
                facts,
                hash: Array(row["hash"] as Data),
                previousHash: (row["previous_hash"] as Data?).map { Array($0) },
                principal: Principal(
                    facts,
                    tenantName: row["tenant_name"],
                    team: team,
                    rights: rights,
                    isSuspended: row["tenant_status"] as String? == "suspended"
                ),
                use: last?.keys[facts.id]?.use ?? KeyUse()
            )
        }
        return keys
    }

    private static func policies(in database: Database) throws -> [String: [(team: String?, models: [String])]] {
        var policies: [String: [(team: String?, models: [String])]] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT * FROM policies") {
            let policy = IdentityRow(.policies, row)
            guard let tenant = policy.tenant else { continue }
            policies[tenant, default: []].append(
                (policy.values["team"]?.text, policy.values["models"]?.list ?? [])
            )
        }
        return policies
    }
}

extension Principal {
    /// The holder of a key.
    fileprivate convenience init(
        _ key: IdentityRow,
        tenantName: String?,
        team: String?,
        rights: ModelRights,
        isSuspended: Bool
    ) {
        let user = key.values["user"]?.text
        self.init(
            tenant: key.tenant,
            tenantName: tenantName,
            team: team,
            user: user,
            label: key.values["label"]?.text,
            // A word that is not known gives the least.
            role: key.values["role"]?.text.flatMap(Role.init) ?? .viewer,
            scopes: Set((key.values["scopes"]?.list ?? []).compactMap(KeyScope.init)),
            rights: rights,
            isSuspended: isSuspended,
            owner: Owner(name: "issued:" + (user ?? key.id))
        )
    }
}
