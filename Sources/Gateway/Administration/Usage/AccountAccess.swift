/// What of the account can be read.
package enum AccountPart: String, Sendable, Hashable, CaseIterable {
    /// Reports and single records.
    case usage
    case budgets
    /// What runs and what ran since the start, which is told by tenants and not by users.
    case live
}

extension Access {
    /// How far a role sees; `own` is what the caller's own user did, or its own key where that names no user.
    package static func of(_ role: Role, toRead part: AccountPart) -> Access {
        switch role {
        case .operator: .all
        case .tenantAdmin, .viewer: .tenant
        case .member: part == .live ? .none : .own
        }
    }
}

extension IdentityTables {
    /// Narrows a question to what somebody may see, and puts ids in the place of names.
    ///
    /// - Throws: `notFound` for a thing that there is not or that he may not see, alike (T1).
    func narrow(_ question: inout UsageQuestion, for actor: AdministrationActor) throws(AdministrationProblem) {
        let access = Access.of(actor.role, toRead: .usage)
        try narrowTenant(&question, actor, access)
        for filter in [UsageQuestion.Filter.team, .user, .key] {
            guard let kind = filter.kind, let reference = question.filters[filter] else { continue }
            let tenant = question.filters[.tenant]
            question.filters[filter] = try id(of: kind, reference, in: tenant, actor, access, field: filter.rawValue)
        }
        if access == .own { try narrowToOwn(&question, actor) }
    }

    private func narrowTenant(
        _ question: inout UsageQuestion,
        _ actor: AdministrationActor,
        _ access: Access
    ) throws(AdministrationProblem) {
        if let reference = question.filters[.tenant] {
            // Callers without a key that was issued have a tenant that is no row.
            guard access != .all || reference != IdentitySnapshot.implicitTenant else { return }
            question.filters[.tenant] = try id(of: .tenants, reference, in: nil, actor, access, field: "tenant")
        } else if access != .all {
            question.filters[.tenant] = try actor.ownTenant
        }
    }

    /// The id of a thing whose use somebody may see.
    private func id(
        of kind: IdentityKind,
        _ reference: String,
        in tenant: String?,
        _ actor: AdministrationActor,
        _ access: Access,
        field: String
    ) throws(AdministrationProblem) -> String {
        guard let row = try find(kind, reference, in: tenant) else {
            // What was used and is deleted can still be asked for by its id.
            guard access == .all, kind.isID(reference) else { throw .missing(kind, field: field) }
            return reference
        }
        let isOthers = access == .own && kind == .users && row.id != actor.user
        guard actor.reaches(row, with: .of(actor.role, to: .read, kind)), !isOthers else {
            throw .missing(kind, field: field)
        }
        return row.id
    }

    private func narrowToOwn(
        _ question: inout UsageQuestion,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) {
        if let user = actor.user {
            question.filters[.user] = user
        } else if let key = actor.key {
            question.filters[.key] = key
        } else {
            throw AdministrationProblem(
                .forbidden,
                "This token names no user of its tenant, so that nothing is its own."
            )
        }
    }
}

extension AdministrationActor {
    /// The tenant that it is bound to.
    ///
    /// - Throws: `forbidden` where there is none, which only an operator's credential has.
    var ownTenant: String {
        get throws(AdministrationProblem) {
            guard let tenant else {
                throw AdministrationProblem(
                    .forbidden,
                    "The role \(role.rawValue) sees a tenant's, and this key has none."
                )
            }
            return tenant
        }
    }
}

extension IdentityKind {
    /// Whether a text has the form of an id of this kind.
    fileprivate func isID(_ text: String) -> Bool {
        text.hasPrefix(prefix) && text.utf8.count == prefix.utf8.count + KeyText.idLength
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
            }
    }
}
