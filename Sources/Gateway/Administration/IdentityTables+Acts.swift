import JSON

/// The acts, each within the transaction that it is called in.
extension IdentityTables {
    // MARK: Seeing

    func list(
        _ kind: IdentityKind,
        _ query: AdministrationQuery,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        let access = Access.of(actor.role, to: .read, kind)
        guard access != .none else { throw actor.forbidden(.read, kind) }
        var filter = IdentityFilter(search: query.search)
        if access != .all { filter.tenant = actor.tenant }
        if access == .own { filter.own = (actor.key, actor.user) }
        if let tenant = query.tenant { filter.and(tenant: try self.tenant(tenant, actor).id) }
        if let user = query.user { filter.user = user }
        let rows = try page(kind, filter, after: query.after, limit: query.limit + 1)
        var writer = JSONWriter()
        var written = 0
        writer.object { object in
            object.key("data")
            object.array { array in
                for row in rows.prefix(query.limit) where array.bytes.count <= Self.longPage {
                    array.raw(row.json())
                    written += 1
                }
            }
            let last = written < rows.count ? rows[written - 1].number : nil
            object.member("next", last.map { .string(AdministrationQuery.cursor($0)) } ?? JSONValue.null)
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// Bytes, beyond which a page has no further row (B18).
    static let longPage = 1 << 20

    /// A thing that the actor may see, by its id; a tenant also by its name.
    ///
    /// Of a kind of which the actor sees nothing, all is forbidden alike, whether it is there or not.
    func visible(
        _ kind: IdentityKind,
        _ reference: String,
        _ actor: AdministrationActor,
        for act: AdministrativeAct = .read
    ) throws(AdministrationProblem) -> IdentityRow {
        guard Access.of(actor.role, to: .read, kind) != .none else { throw actor.forbidden(act, kind) }
        guard let row = try find(kind, reference, in: nil) else { throw .missing(kind) }
        try actor.check(act, row)
        return row
    }

    private func tenant(_ reference: String, _ actor: AdministrationActor) throws(AdministrationProblem) -> IdentityRow
    {
        do throws(AdministrationProblem) { return try visible(.tenants, reference, actor) } catch {
            throw .missing(.tenants, field: "tenant")
        }
    }

    // MARK: Changing

    func change(
        _ target: IdentityAdministration.Target,
        _ request: AdministrationRequest,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        switch target {
        case .all(let kind): return try create(kind, IdentityBody(request.body), actor)
        case .one(let kind, let reference) where request.method == "DELETE":
            let row = try visible(kind, reference, actor, for: .delete)
            try row.match(request.ifMatch)
            try delete(row)
            try note("\(kind.noun).delete", actor, before: row, after: nil)
            return AdministrationReply(status: 204)
        case .one(let kind, let reference):
            let row = try visible(kind, reference, actor, for: .change)
            try row.match(request.ifMatch)
            return try change(row, IdentityBody(request.body), actor)
        case .rotation(let id):
            let row = try visible(.keys, id, actor, for: .rotate)
            // Another key of the same user may have been given more than the one that asks for its secret.
            guard Access.of(actor.role, to: .rotate, .keys) != .own || row.id == actor.key else {
                throw actor.forbidden(.rotate, .keys)
            }
            try row.match(request.ifMatch)
            return try rotate(row, IdentityBody(request.body, mayBeMissing: true), actor)
        case .revocation(let id):
            let row = try visible(.keys, id, actor, for: .revoke)
            try row.match(request.ifMatch)
            _ = try IdentityBody(request.body, mayBeMissing: true).finish()
            return try revoke(row, actor)
        case .audit, .liteLLM: preconditionFailure("the audit log is only read, and LiteLLM's words are put into ours")
        }
    }

    func create(
        _ kind: IdentityKind,
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        let access = Access.of(actor.role, to: .create, kind)
        guard access == .all || access == .tenant else { throw actor.forbidden(.create, kind) }
        var values: [String: IdentityValue] = [:]
        var body = body
        for field in kind.fields where field.use != .derived {
            if let view = body.take(field.name) {
                values[field.name] = try field.read(view)
            } else if field.name == "tenant", let tenant = actor.tenant {
                values[field.name] = .text(tenant)
            } else if let initially = field.initially {
                values[field.name] = .text(initially)
            } else if let usual = field.usual {
                values[field.name] = usual
            } else if field.isRequired {
                throw AdministrationProblem(.missingMember, "\(field.name) is missing.", field: field.name)
            }
        }
        try body.finish()
        if let tenant = values["tenant"]?.text { values["tenant"] = .text(try self.tenant(tenant, actor).id) }
        try resolve(&values, of: kind, in: values["tenant"]?.text)
        values["created_at"] = .time(now)
        let id = try newID(kind)
        values["id"] = .text(id)
        guard kind == .keys else {
            let row = try insert(kind, values)
            try note("\(kind.noun).create", actor, before: nil, after: row)
            return AdministrationReply(row, status: 201)
        }
        try finishKey(&values, actor)
        let key = newKey(id)
        let row = try insert(kind, values, hash: hash(key))
        try note("key.create", actor, before: nil, after: row)
        return AdministrationReply(row, status: 201, key: key.text)
    }

    func change(
        _ row: IdentityRow,
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var changes: [String: IdentityValue] = [:]
        var body = body
        for field in row.kind.fields where field.use == .changeable {
            if let view = body.take(field.name) { changes[field.name] = try field.read(view) }
        }
        try body.finish()
        try resolve(&changes, of: row.kind, in: row.kind == .tenants ? nil : row.tenant)
        let next = try update(row, changes)
        if next.version != row.version { try note("\(row.kind.noun).change", actor, before: row, after: next) }
        return AdministrationReply(next)
    }

    /// Puts ids in the place of names that stand for other things of the same tenant.
    private func resolve(
        _ values: inout [String: IdentityValue],
        of kind: IdentityKind,
        in tenant: String?
    ) throws(AdministrationProblem) {
        for field in kind.fields where field.name != "tenant" {
            guard case .reference(let other) = field.form, let reference = values[field.name]?.text else { continue }
            guard let tenant, let found = try find(other, reference, in: tenant) else {
                throw .missing(other, field: field.name)
            }
            values[field.name] = .text(found.id)
        }
    }

    // MARK: Keys

    /// Checks what a key's members say together.
    private func finishKey(
        _ values: inout [String: IdentityValue],
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) {
        let role = values["role"]?.text.flatMap(Role.init) ?? .member
        guard (role == .operator) == (values["tenant"]?.text == nil) else {
            let how = role == .operator ? "belongs to no tenant" : "belongs to a tenant: name it"
            throw AdministrationProblem(.invalidValue, "A key of the role \(role.rawValue) \(how).", field: "tenant")
        }
        guard role != .operator || actor.role == .operator else { throw actor.forbidden(.create, .keys) }
        let scopes = values["scopes"]?.list ?? role.usualScopes.map(\.rawValue)
        guard role != .viewer || !scopes.contains(KeyScope.models.rawValue) else {
            throw AdministrationProblem(.invalidValue, "A viewer's key asks no models.", field: "scopes")
        }
        values["scopes"] = .list(scopes)
        if let expiry = values["expires_at"]?.time, expiry <= now {
            throw AdministrationProblem(.invalidValue, "expires_at is over already.", field: "expires_at")
        }
    }

    private func rotate(
        _ row: IdentityRow,
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var body = body
        var overlap = Self.usualOverlap
        if let view = body.take("overlap") {
            guard let seconds = view.wholeNumber, (0...Self.longestOverlap).contains(seconds) else {
                throw AdministrationProblem(
                    .invalidValue,
                    "overlap has to be a whole number of seconds, 30 days at most.",
                    field: "overlap"
                )
            }
            overlap = seconds
        }
        try body.finish()
        guard row.values["revoked_at"]?.time == nil else {
            throw AdministrationProblem(.revoked, "A revoked key is not rotated. Create another one.")
        }
        let key = newKey(row.id)
        let until: IdentityValue = overlap == 0 ? .none : .time(now + overlap * 1_000)
        let next = try update(row, ["overlap_until": until], hash: hash(key), keepsHash: overlap > 0)
        try note("key.rotate", actor, before: row, after: next)
        return AdministrationReply(next, key: key.text)
    }

    private func revoke(
        _ row: IdentityRow,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        guard row.values["revoked_at"]?.time == nil else { return AdministrationReply(row) }
        let next = try update(row, ["revoked_at": .time(now), "overlap_until": .none])
        try note("key.revoke", actor, before: row, after: next)
        return AdministrationReply(next)
    }

    /// Seconds.
    static let usualOverlap = 86_400
    static let longestOverlap = 30 * 86_400
}

/// The members of a request's body, of which nothing may be left over.
struct IdentityBody {
    private var members: [(key: String, value: JSONView)] = []

    /// - Throws: `invalidBody` for what is no JSON object; where it may be missing, nothing at all is an empty one.
    init(_ bytes: [UInt8], mayBeMissing: Bool = false) throws(AdministrationProblem) {
        guard !bytes.isEmpty else {
            if mayBeMissing { return }
            throw AdministrationProblem(.invalidBody, "The body is missing.")
        }
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw AdministrationProblem(.invalidBody, "The body is no JSON: \(error).")
        }
        guard root.kind == .object else { throw AdministrationProblem(.invalidBody, "The body is no JSON object.") }
        for member in root.members { members.append(member) }
    }

    mutating func take(_ name: String) -> JSONView? {
        guard let place = members.firstIndex(where: { $0.key == name }) else { return nil }
        return members.remove(at: place).value
    }

    /// - Throws: `unknownMember` where a member was not taken.
    func finish() throws(AdministrationProblem) {
        guard let left = members.first else { return }
        let name = String(left.key.prefix(100))
        throw AdministrationProblem(.unknownMember, "\(name) cannot be set here.", field: name)
    }
}

extension IdentityRow {
    /// - Throws: `changed` where the row is not what `If-Match` names.
    func match(_ condition: String?) throws(AdministrationProblem) {
        guard let condition, condition != "*" else { return }
        let tags = condition.split(separator: ",").map { $0.filter { $0 != " " } }
        guard tags.contains(entityTag) else {
            throw AdministrationProblem(.changed, "Its ETag is \(entityTag) now. Read it again.")
        }
    }
}
