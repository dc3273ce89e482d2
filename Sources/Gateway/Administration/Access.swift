/// What can be done in the administration.
package enum AdministrativeAct: String, Sendable, Hashable, CaseIterable {
    /// To list them and to see one.
    case read
    case create, change, delete
    /// Of keys only.
    case rotate, revoke

    /// Whether there is such an act for a kind.
    package func exists(for kind: IdentityKind) -> Bool {
        switch self {
        case .rotate, .revoke: kind == .keys
        default: true
        }
    }
}

/// How far a role reaches with an act; `docs/tenants.md` has the whole matrix, which a test walks (T1).
package enum Access: String, Sendable, Hashable {
    case none
    /// The caller's own keys: the one that it came with, and those of the same user.
    case own
    case tenant
    case all

    package static func of(_ role: Role, to act: AdministrativeAct, _ kind: IdentityKind) -> Access {
        switch (role, act) {
        case (.operator, _): .all
        // What the installation pays and asks is nobody else's business.
        case _ where !kind.belongsToTenant: .none
        case (.tenantAdmin, .read), (.viewer, .read): .tenant
        // A tenant does not lift what the installation bounds it by.
        case (.tenantAdmin, _): [.teams, .users, .keys].contains(kind) ? .tenant : .none
        case (.member, .read): kind == .keys ? .own : .tenant
        case (.member, .rotate), (.member, .revoke): .own
        case (.member, _), (.viewer, _): .none
        }
    }
}

extension AdministrationActor {
    /// Whether a row is within a reach.
    func reaches(_ row: IdentityRow, with access: Access) -> Bool {
        switch access {
        case .none: return false
        case .all: return true
        case .tenant: return tenant != nil && row.tenant == tenant
        case .own:
            guard tenant != nil, row.kind == .keys, row.tenant == tenant else { return false }
            return row.id == key || (user != nil && row.values["user"]?.text == user)
        }
    }

    /// - Throws: `notFound` for what the actor may not even see, `forbidden` for what it may only see.
    func check(_ act: AdministrativeAct, _ row: IdentityRow) throws(AdministrationProblem) {
        guard reaches(row, with: .of(role, to: .read, row.kind)) else { throw .missing(row.kind) }
        guard reaches(row, with: .of(role, to: act, row.kind)) else { throw forbidden(act, row.kind) }
    }

    func forbidden(_ act: AdministrativeAct, _ kind: IdentityKind) -> AdministrationProblem {
        AdministrationProblem(.forbidden, "The role \(role.rawValue) does not \(act.rawValue) \(kind.rawValue).")
    }
}

extension AdministrationProblem {
    static func missing(_ kind: IdentityKind, field: String? = nil) -> AdministrationProblem {
        AdministrationProblem(.notFound, "There is no such \(kind.noun).", field: field)
    }
}
