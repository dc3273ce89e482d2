import JSON

/// What LiteLLM's scripts ask for, each within the transaction that it is called in.
extension IdentityTables {
    func perform(
        _ act: LiteLLMKeys.Act,
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        switch act {
        case .generate: try liteLLMGenerate(body, actor)
        case .update: try liteLLMUpdate(body, actor)
        case .delete: try liteLLMDelete(body, actor)
        case .info: preconditionFailure("a key is looked at without a transaction that writes")
        }
    }

    /// `POST /key/generate`.
    private func liteLLMGenerate(
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var body = body
        var wishes = try LiteLLMWishes(&body, now: now)
        try body.finish()
        if wishes.values["label"] == nil { wishes.values["label"] = "unnamed" }
        if wishes.values["scopes"] == nil { wishes.values["scopes"] = [.string(KeyScope.models.rawValue)] }
        if wishes.values["tenant"] == nil, actor.tenant == nil {
            throw AdministrationProblem(
                .missingMember,
                "team_id is missing: name the tenant that the key belongs to.",
                field: "team_id"
            )
        }
        let made = try inTheirWords { () throws(AdministrationProblem) in
            try create(.keys, IdentityBody(wishes.values.bytes), actor)
        }
        guard let root = try? JSONDocument(made.body).root, let id = root["id"]?.string, let text = root["key"]?.string
        else { preconditionFailure("a key that was made is in its reply") }
        return try liteLLMReply(visible(.keys, id, actor), key: text, wishes)
    }

    /// `POST /key/update`.
    private func liteLLMUpdate(
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var body = body
        guard let given = body.take("key") else {
            throw AdministrationProblem(.missingMember, "key is missing.", field: "key")
        }
        let row = try key(given.string, actor, for: .change, field: "key")
        var wishes = try LiteLLMWishes(&body, now: now)
        try body.finish()
        // Whose a key is never changes; a script may say once more what it is.
        for name in ["tenant", "user", "role", "scopes"] {
            guard let wish = wishes.values[name] else { continue }
            try leavesAsItIs(name, wish, row)
            wishes.values[name] = nil
        }
        _ = try inTheirWords { () throws(AdministrationProblem) in
            try change(row, IdentityBody(wishes.values.bytes), actor)
        }
        return try liteLLMReply(visible(.keys, row.id, actor), key: LiteLLMKeys.masked(row.id), wishes)
    }

    private func leavesAsItIs(
        _ name: String,
        _ wish: JSONValue,
        _ row: IdentityRow
    ) throws(AdministrationProblem) {
        let theirs = LiteLLMKeys.theirs(name)
        let isSame: Bool
        switch (wish, name) {
        case (.string(let reference), "tenant"):
            let tenant = try find(.tenants, reference, in: nil)
            isSame = tenant != nil && tenant?.id == row.tenant
        case (.string(let reference), "user"):
            let user = try find(.users, reference, in: row.tenant)
            isSame = user != nil && user?.id == row.values["user"]?.text
        case (.string(let word), _): isSame = row.values[name]?.text == word
        case (.array(let words), _): isSame = row.values[name]?.list == words.compactMap(\.string)
        default: isSame = row.values[name]?.text == nil
        }
        guard !isSame else { return }
        throw AdministrationProblem(
            .unknownMember,
            "\(theirs) of a key does not change. Generate another key and delete this one.",
            field: theirs
        )
    }

    /// `POST /key/delete`: all of them or none.
    private func liteLLMDelete(
        _ body: IdentityBody,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var body = body
        var rows: [IdentityRow] = []
        for (name, isLabel) in [("keys", false), ("key_aliases", true)] {
            guard let view = body.take(name), !view.isNull else { continue }
            guard view.kind == .array else {
                throw AdministrationProblem(.invalidValue, "\(name) has to be a list of texts.", field: name)
            }
            for element in view.elements {
                guard rows.count < IdentityField.mostEntries else {
                    throw AdministrationProblem(
                        .invalidValue,
                        "\(name) has more than \(IdentityField.mostEntries) entries.",
                        field: name
                    )
                }
                let row =
                    isLabel
                    ? try labelled(element.string, actor) : try key(element.string, actor, for: .delete, field: name)
                if !rows.contains(where: { $0.id == row.id }) { rows.append(row) }
            }
        }
        try body.finish()
        guard !rows.isEmpty else {
            throw AdministrationProblem(.missingMember, "Name the keys in keys or key_aliases.", field: "keys")
        }
        for row in rows {
            try delete(row)
            try note("key.delete", actor, before: row, after: nil)
        }
        var writer = JSONWriter()
        writer.object { object in object.texts("deleted_keys", rows.map(\.id)) }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// `GET /key/info`: the key that `key` names, else the caller's own.
    func liteLLMInfo(
        _ query: String,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        var named = actor.key
        for (name, value) in try AdministrationQuery.pairs(query) {
            guard name == "key" else { throw AdministrationQuery.wrong(name, "is not known here") }
            named = value
        }
        guard let named else { throw AdministrationQuery.wrong("key", "is missing") }
        let row = try key(named, actor, for: .read, field: "key")
        var writer = JSONWriter()
        writer.object { object in
            object.member("key", LiteLLMKeys.masked(row.id))
            object.key("info")
            object.object { info in row.writeLiteLLM(to: &info) }
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    // MARK: Which key

    /// A key by its text or by its id, which LiteLLM calls its token.
    private func key(
        _ text: String?,
        _ actor: AdministrationActor,
        for act: AdministrativeAct,
        field: String
    ) throws(AdministrationProblem) -> IdentityRow {
        guard let text else { throw AdministrationProblem(.invalidValue, "\(field) has to be text.", field: field) }
        let whole = KeyText(text[...])
        guard let row = try find(.keys, whole?.id ?? text, in: nil) else { throw .missing(.keys, field: field) }
        if let whole {
            guard try opens(whole, row) else { throw .missing(.keys, field: field) }
        }
        try actor.check(act, row)
        return row
    }

    /// The one key with a label; of several none is meant.
    private func labelled(
        _ label: String?,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> IdentityRow {
        guard let label else {
            throw AdministrationProblem(.invalidValue, "key_aliases has to be a list of texts.", field: "key_aliases")
        }
        let access = Access.of(actor.role, to: .read, .keys)
        let rows = try keys(labelled: label).filter { actor.reaches($0, with: access) }
        guard let row = rows.first else { throw .missing(.keys, field: "key_aliases") }
        guard rows.count == 1 else {
            throw AdministrationProblem(
                .ambiguous,
                "\(rows.count) keys have this label. Name the one that is meant in keys.",
                field: "key_aliases"
            )
        }
        try actor.check(.delete, row)
        return row
    }

    // MARK: Words

    /// Has something done in our words and, if it is not, says why in theirs.
    private func inTheirWords(
        _ body: () throws(AdministrationProblem) -> AdministrationReply
    ) throws(AdministrationProblem) -> AdministrationReply {
        do throws(AdministrationProblem) { return try body() } catch {
            guard let ours = error.field else { throw error }
            let theirs = LiteLLMKeys.theirs(ours)
            let isNamed = error.detail.hasPrefix("\(ours) ")
            let detail = isNamed ? theirs + error.detail.dropFirst(ours.count) : error.detail
            throw AdministrationProblem(error.code, detail, field: theirs, faults: error.faults, cause: error.cause)
        }
    }

    private func liteLLMReply(
        _ row: IdentityRow,
        key: String,
        _ wishes: LiteLLMWishes
    ) throws(AdministrationProblem) -> AdministrationReply {
        var writer = JSONWriter()
        writer.object { object in
            object.member("key", key)
            row.writeLiteLLM(to: &object)
            object.texts("not_kept", wishes.notKept)
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }
}

/// What a request of LiteLLM's wants of a key, in our words.
struct LiteLLMWishes {
    /// Members of a key, as the administration takes them.
    var values: JSONValue = [:]
    /// What was said and promises nothing.
    private(set) var notKept: [String] = []

    /// Takes every member that is known out of a body.
    ///
    /// - Throws: `AdministrationProblem` that names what is wrong, or what is not kept here.
    init(_ body: inout IdentityBody, now: Int) throws(AdministrationProblem) {
        var budget: JSONView?
        var duration: JSONView?
        for member in LiteLLMKeys.members {
            // Null is as if nothing were said, so that it lifts nothing.
            guard let view = body.take(member.name), !view.isNull else { continue }
            switch member.meaning {
            case .ours("models"): values["models"] = try Self.models(view)
            case .ours(let name):
                guard let text = view.string else { throw Self.wrong(member.name, "has to be text") }
                values[name] = .string(text)
            case .duration: values["expires_at"] = try Self.end(view, now)
            case .keyType: try takeType(view)
            case .limit(let name):
                guard IdentityKind.keys.field(name) != nil else { throw Self.refused(member.name) }
                guard let number = view.wholeNumber else { throw Self.wrong(member.name, "has to be a whole number") }
                values[name] = .number(JSONNumber(number))
            case .budget: budget = view
            case .budgetDuration: duration = view
            case .notKept(let isList):
                if isList { _ = try Self.texts(view, member.name) }
                guard isList || view.kind == .object else { throw Self.wrong(member.name, "has to be an object") }
                notKept.append(member.name)
            case .refused(let nothing): guard nothing.isSaid(by: view) else { throw Self.refused(member.name) }
            }
        }
        try takeBudget(budget, duration)
    }

    /// A budget is for a day or for a month; the one that is said takes the place of both.
    private mutating func takeBudget(_ budget: JSONView?, _ duration: JSONView?) throws(AdministrationProblem) {
        guard let budget else {
            guard duration == nil else {
                throw AdministrationProblem(
                    .missingMember,
                    "max_budget is missing: budget_duration says for how long it is.",
                    field: "max_budget"
                )
            }
            return
        }
        guard let usd = budget.double, let amount = JSONNumber(usd) else {
            throw Self.wrong("max_budget", "has to be a number of USD")
        }
        let words = LiteLLMKeys.budgetDurations.map(\.word).joined(separator: ", ")
        guard let duration else {
            throw AdministrationProblem(
                .unknownMember,
                "max_budget for all time is not kept by this gateway. Say for how long it is in budget_duration: \(words).",
                field: "max_budget"
            )
        }
        guard let member = LiteLLMKeys.budgetDurations.first(where: { duration.isString($0.word) })?.member else {
            throw Self.wrong("budget_duration", "has to be one of \(words)")
        }
        values[BudgetLimits.Member.dailyCost.rawValue] = .null
        values[BudgetLimits.Member.monthlyCost.rawValue] = .null
        values[member.rawValue] = .number(amount)
    }

    /// All of a team's or of the proxy's models are all that are allowed anyway.
    private static func models(_ view: JSONView) throws(AdministrationProblem) -> JSONValue {
        let models = try texts(view, "models")
        let all: [JSONValue] = ["all-team-models", "all-proxy-models"]
        return models.contains { all.contains($0) } ? [] : .array(models)
    }

    private static func texts(_ view: JSONView, _ name: String) throws(AdministrationProblem) -> [JSONValue] {
        guard view.kind == .array else { throw wrong(name, "has to be a list of texts") }
        var texts: [JSONValue] = []
        for element in view.elements {
            guard let text = element.string else { throw wrong(name, "has to be a list of texts") }
            texts.append(.string(text))
        }
        return texts
    }

    private static func end(_ view: JSONView, _ now: Int) throws(AdministrationProblem) -> JSONValue {
        if view.isString(LiteLLMKeys.endless) { return .null }
        guard let text = view.string, let seconds = LiteLLMKeys.seconds(of: text) else {
            throw wrong("duration", "has to be a number with s, m, h, d or w behind it, such as 30d")
        }
        return .string(Timestamp.text(of: now + seconds * 1_000))
    }

    private mutating func takeType(_ view: JSONView) throws(AdministrationProblem) {
        guard let type = LiteLLMKeys.types.first(where: { view.isString($0.name) }) else {
            throw Self.wrong("key_type", "has to be \(LiteLLMKeys.types.map(\.name).joined(separator: ", "))")
        }
        values["role"] = .string(type.role.rawValue)
        values["scopes"] = .array(type.scopes.map { .string($0.rawValue) })
    }

    private static func wrong(_ name: String, _ how: String) -> AdministrationProblem {
        AdministrationProblem(.invalidValue, "\(name) \(how).", field: name)
    }

    private static func refused(_ name: String) -> AdministrationProblem {
        let ours =
            name == "tpm_limit"
            ? " Prompts and answers have limits of their own: input_tokens_per_minute and output_tokens_per_minute."
            : ""
        return AdministrationProblem(
            .unknownMember,
            "\(name) is not kept by this gateway, and a promise that is not kept is not given. Leave it out.\(ours)",
            field: name
        )
    }
}

extension LiteLLMKeys.Meaning.Nothing {
    fileprivate func isSaid(by view: JSONView) -> Bool {
        switch self {
        case .null: false
        case .noMembers: view.kind == .object && view.members.first { _ in true } == nil
        case .noElements: view.kind == .array && view.elements.first { _ in true } == nil
        case .no: view.bool == false
        case .zero: view.double == 0
        }
    }
}

extension IdentityRow {
    /// Writes the members of a key under LiteLLM's names.
    func writeLiteLLM(to object: inout JSONWriter) {
        object.member("token", id)
        object.member("token_id", id)
        object.member("key_name", LiteLLMKeys.masked(id))
        object.member("key_alias", orNull: values["label"]?.text)
        object.texts("models", values["models"]?.list ?? [])
        object.member("user_id", orNull: values["user"]?.text)
        object.member("team_id", orNull: tenant)
        object.member("expires", orNull: values["expires_at"]?.time.map { Timestamp.text(of: $0) })
        object.member("created_at", orNull: values["created_at"]?.time.map { Timestamp.text(of: $0) })
        object.member("blocked", values["revoked_at"]?.time != nil)
        for member in LiteLLMKeys.members {
            guard case .limit(let name) = member.meaning else { continue }
            guard let value = values[name], value != .none else {
                object.key(member.name)
                object.null()
                continue
            }
            value.write(member.name, to: &object)
        }
        writeLiteLLMBudget(to: &object)
        for name in LiteLLMKeys.alwaysNull {
            object.key(name)
            object.null()
        }
        for name in ["metadata", "aliases", "config", "permissions"] {
            object.key(name)
            object.object { _ in }
        }
    }

    /// Of two budgets that of the day, since it is the nearer one.
    private func writeLiteLLMBudget(to object: inout JSONWriter) {
        let kept = LiteLLMKeys.budgetDurations.first { duration in
            values[duration.member.rawValue].map { $0 != .none } ?? false
        }
        object.key("max_budget")
        if let kept, case .money(let amount)? = values[kept.member.rawValue] {
            object.number(amount.number)
        } else {
            object.null()
        }
        object.member("budget_duration", orNull: kept?.word)
    }
}
