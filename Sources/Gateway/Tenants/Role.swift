/// What the holder of a key may administer.
package enum Role: String, Sendable, Hashable, CaseIterable {
    /// Runs the installation; belongs to no tenant.
    case `operator`
    /// Runs one tenant.
    case tenantAdmin = "tenant-admin"
    /// Works in a tenant, and looks after its own keys.
    case member
    /// Sees a tenant and changes nothing; asks no models.
    case viewer

    /// The scopes of a key for which nobody names any.
    var usualScopes: [KeyScope] {
        switch self {
        case .operator, .tenantAdmin, .member: [.models, .admin]
        case .viewer: [.admin]
        }
    }
}

/// Which listener a key opens.
package enum KeyScope: String, Sendable, Hashable, CaseIterable {
    /// The public one: to ask models.
    case models
    /// The administration.
    case admin
}
