/// Whom somebody stands for who proved it without a key of ours, in words from outside.
struct OutsideIdentity: Sendable {
    /// A tenant's id or name; nil for an operator, and for somebody of whom nothing says one.
    let tenant: String?
    /// What is compared with the names of the tenant's users; nil for none.
    let user: String?
    /// By what his things are kept if he is no user here; within one tenant nobody else's.
    let name: String
    /// What people call the credential.
    let label: String
    let role: Role
    let scopes: Set<KeyScope>
}

extension IdentityScopes {
    /// Whom an identity from outside is here; nil where its tenant is none of this installation.
    ///
    /// A user of that name gives his id, his team and what is kept for him; whoever is no user owns things by himself.
    func principal(of identity: OutsideIdentity) -> Principal? {
        if identity.role == .operator {
            return Principal(
                tenant: nil,
                tenantName: nil,
                team: nil,
                user: nil,
                label: identity.label,
                role: .operator,
                scopes: identity.scopes,
                rights: .all,
                isSuspended: false,
                owner: Owner(name: "outside:\(identity.name)")
            )
        }
        guard let tenant = identity.tenant.flatMap({ tenant($0) }) else { return nil }
        let user = identity.user.flatMap { tenant.users[ByteString($0)] }
        let bounds = bounds(tenant: tenant.id, user: user)
        return Principal(
            tenant: tenant.id,
            tenantName: tenant.name,
            team: user.flatMap { users[$0]?.team },
            user: user,
            label: identity.label,
            role: identity.role,
            preference: tenant.preference,
            scopes: identity.scopes,
            rights: bounds.rights,
            isSuspended: tenant.isSuspended,
            owner: Owner(name: user.map { "issued:\($0)" } ?? "outside:\(tenant.id):\(identity.name)"),
            limits: bounds.limits,
            budgets: bounds.budgets,
            calendar: bounds.calendar,
            load: tenant.load,
            content: tenant.content
        )
    }
}
