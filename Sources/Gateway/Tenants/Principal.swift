/// Who asks, as far as it decides what may be asked; part of one snapshot and never changed.
///
/// A key that was issued has one. Whatever else proves who somebody is gives one as well, so that rights, routes and
/// the administration look at nothing but this.
final class Principal: Sendable {
    /// The tenant's id; nil for an operator.
    let tenant: String?
    /// The tenant's name, as people and routing rules say it.
    let tenantName: String?
    /// The id of the user's team.
    let team: String?
    /// The user's id.
    let user: String?
    /// What people call the credential.
    let label: String?
    let role: Role
    /// What its tenant would rather have where a request does not say.
    let preference: RoutePreference?
    let scopes: Set<KeyScope>
    /// What the credential, its tenant and its team allow together.
    let rights: ModelRights
    /// Whether its tenant is.
    let isSuspended: Bool
    /// By what its things are kept: all credentials of a user are one.
    let owner: Owner
    /// What bounds it: the limits of its tenant, its team, its user and its own, each shared with all whom it bounds too.
    let limits: [LimitScope]
    /// What it may spend, and on whose accounts that is counted: its tenant's, its team's, its user's and its own, from the
    /// widest to the narrowest, with a budget or without.
    let budgets: [BudgetScope]
    /// When its tenant's days and months begin; that of UTC for an operator.
    let calendar: TenantCalendar
    /// What its tenant makes the gateway do; nil for an operator.
    let load: TenantLoad?
    /// What its tenant wants done with what is said; nil for nothing.
    let content: TenantContent?

    init(
        tenant: String?,
        tenantName: String?,
        team: String?,
        user: String?,
        label: String?,
        role: Role,
        preference: RoutePreference? = nil,
        scopes: Set<KeyScope>,
        rights: ModelRights,
        isSuspended: Bool,
        owner: Owner,
        limits: [LimitScope] = [],
        budgets: [BudgetScope] = [],
        calendar: TenantCalendar = .utc,
        load: TenantLoad? = nil,
        content: TenantContent? = nil
    ) {
        self.tenant = tenant
        self.tenantName = tenantName
        self.team = team
        self.user = user
        self.label = label
        self.role = role
        self.preference = preference
        self.scopes = scopes
        self.rights = rights
        self.isSuspended = isSuspended
        self.owner = owner
        self.limits = limits
        self.budgets = budgets
        self.calendar = calendar
        self.load = load
        self.content = content
    }
}
