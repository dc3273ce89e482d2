import Providers

/// What tenants, teams and users bring to whoever belongs to them; part of one snapshot of the store and never changed.
///
/// Limits, rights and loads are objects that all credentials of a tenant share, so that ten thousand keys have one of each.
final class IdentityScopes: Sendable {
    struct Tenant: Sendable {
        let id: String
        let name: String
        let isSuspended: Bool
        /// What its requests would rather have where they do not say.
        let preference: RoutePreference?
        let limits: LimitScope?
        let budget: BudgetScope
        /// When its days and months begin.
        let calendar: TenantCalendar
        let regions: [String]
        let load: TenantLoad
        /// What its policies allow: for all of it, or for one team.
        var policies: [(team: String?, models: [ModelPattern])] = []
        /// The ids of its users by their names.
        var users: [ByteString: String] = [:]
        /// What it wants done with what is said; nil for nothing.
        var content: TenantContent?
    }

    struct Team: Sendable {
        /// The tenant's id.
        let tenant: String
        let limits: LimitScope?
        let budget: BudgetScope
        let regions: [String]
        let models: [ModelPattern]
    }

    struct User: Sendable {
        /// The tenant's id.
        let tenant: String
        /// The team's id.
        let team: String?
        let limits: LimitScope?
        let budget: BudgetScope
        let regions: [String]
        let models: [ModelPattern]
    }

    /// What somebody has of his tenant, his team and his user together.
    struct Bounds: Sendable {
        var limits: [LimitScope] = []
        /// Of all of them, with a budget or without, from the widest to the narrowest.
        var budgets: [BudgetScope] = []
        var calendar = TenantCalendar.utc
        var rights = ModelRights.all
    }

    /// By their ids.
    let tenants: [String: Tenant]
    let teams: [String: Team]
    let users: [String: User]
    private let names: [ByteString: String]

    init(tenants: [String: Tenant] = [:], teams: [String: Team] = [:], users: [String: User] = [:]) {
        self.tenants = tenants
        self.teams = teams
        self.users = users
        names = Dictionary(tenants.values.map { (ByteString($0.name), $0.id) }) { first, _ in first }
    }

    /// A tenant by its id or its name, byte for byte (T12).
    func tenant(_ reference: String) -> Tenant? {
        tenants[reference] ?? names[ByteString(reference)].flatMap { tenants[$0] }
    }

    /// What bounds a user of a tenant; `user` is nil for a credential of the tenant that is nobody's.
    func bounds(tenant: String?, user: String?) -> Bounds {
        var bounds = Bounds()
        let user = user.flatMap { users[$0] }
        let team = user?.team.flatMap { teams[$0] }
        if let tenant = tenant.flatMap({ tenants[$0] }) {
            for policy in tenant.policies where policy.team == nil || policy.team == user?.team {
                bounds.rights.restrict(toPatterns: policy.models)
            }
            bounds.rights.restrict(toRegions: tenant.regions)
            if let limits = tenant.limits { bounds.limits.append(limits) }
            bounds.budgets.append(tenant.budget)
            bounds.calendar = tenant.calendar
        }
        if let team {
            bounds.rights.restrict(toPatterns: team.models)
            bounds.rights.restrict(toRegions: team.regions)
            if let limits = team.limits { bounds.limits.append(limits) }
            bounds.budgets.append(team.budget)
        }
        if let user {
            bounds.rights.restrict(toPatterns: user.models)
            bounds.rights.restrict(toRegions: user.regions)
            if let limits = user.limits { bounds.limits.append(limits) }
            bounds.budgets.append(user.budget)
        }
        return bounds
    }
}
