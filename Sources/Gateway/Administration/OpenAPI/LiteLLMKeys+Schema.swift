import JSON

extension LiteLLMKeys {
    private typealias Member = Schema.Member

    /// The routes of LiteLLM that are served.
    static let operations: [AdministrationOperation] = Act.allCases.map { act in
        var operation = AdministrationOperation(
            method: act == .info ? "GET" : "POST",
            path: act.path,
            act: .stored,
            name: "liteLLM\(act.rawValue.prefix(1).uppercased())\(act.rawValue.dropFirst())Key",
            summary: act.summary,
            group: "LiteLLM"
        )
        operation.codes = [.notFound, .storeUnavailable]
        if act == .info {
            operation.parameters = [
                .init("key", in: .query, .line, "A key or its token; without it the one that the request comes with.")
            ]
            operation.codes.append(.invalidQuery)
        } else {
            operation.parameters = [.idempotencyKey]
            operation.codes += [.invalidBody, .invalidValue, .missingMember, .unknownMember]
            operation.codes += [.idempotencyConflict, .ambiguous]
        }
        operation.body = act.body
        operation.answers = [act.answer]
        return operation
    }

    static let generation = NamedSchema(
        "LiteLLMKeyGeneration",
        withBudget(
            wishes.map { member in
                guard member.name == "team_id" else { return member }
                return Member("team_id", Schema.ownTenant.orNull, isRequired: false)
            }
        )
    )

    static let updating = NamedSchema(
        "LiteLLMKeyUpdate",
        withBudget([Member("key", .text(1...512).meaning("The key or its token."))] + wishes)
    )

    /// A budget and the time that it is for stand together or not at all.
    private static func withBudget(_ members: [Member]) -> Schema {
        func shape(_ change: (Member) -> Member) -> Schema {
            .object(members.map { isOfBudget($0) ? change($0) : $0 })
        }
        return .any(of: [
            shape { Member($0.name, .null, isRequired: false) },
            shape { Member($0.name, meaning(of: $0.name)?.schema ?? $0.schema) },
        ])
    }

    private static func isOfBudget(_ member: Member) -> Bool {
        let meaning = meaning(of: member.name)
        return meaning == .budget || meaning == .budgetDuration
    }

    private static func meaning(of name: String) -> Meaning? { members.first { $0.name == name }?.meaning }

    static let deletion = NamedSchema(
        "LiteLLMKeyDeletion",
        .any(of: [
            .object([
                Member("keys", .list(of: .text(1...512), 1...IdentityField.mostEntries)),
                Member("key_aliases", .list(of: .line, 0...IdentityField.mostEntries).orNull, isRequired: false),
            ]),
            .object([
                Member("key_aliases", .list(of: .line, 1...IdentityField.mostEntries)),
                Member("keys", .list(of: .text(1...512), 0...IdentityField.mostEntries).orNull, isRequired: false),
            ]),
        ])
    )

    static let key = NamedSchema(
        "LiteLLMKey",
        .object(
            [
                Member(
                    "key",
                    .text().meaning("What the holder sends, shown when it is generated, else masked; not in a replay."),
                    isRequired: false
                )
            ]
                + shown + [Member("not_kept", .list(of: .text()).meaning("What was said and is not kept."))]
        )
    )

    static let keyInfo = NamedSchema(
        "LiteLLMKeyInfo",
        .object([Member("key", .text().meaning("Masked.")), Member("info", .object(shown))])
    )

    static let deleted = NamedSchema(
        "LiteLLMDeletedKeys",
        .object([Member("deleted_keys", .list(of: .id(of: .keys)).meaning("Their tokens."))])
    )

    private static let wishes = members.map { Member($0.name, $0.meaning.schema, isRequired: false) }

    private static let shown: [Member] = {
        var shown = [
            Member("token", .id(of: .keys)), Member("token_id", .id(of: .keys)), Member("key_name", .text()),
            Member("key_alias", .text().orNull), Member("models", .list(of: .text())),
            Member("user_id", .text().orNull), Member("team_id", .text().orNull), Member("expires", Schema.time.orNull),
            Member("created_at", .time), Member("blocked", .flag),
        ]
        for member in members {
            if case .limit = member.meaning { shown.append(Member(member.name, Schema.integer(0...Int.max).orNull)) }
        }
        shown.append(Member("max_budget", Meaning.budget.schema.orNull))
        shown.append(Member("budget_duration", Meaning.budgetDuration.schema.orNull))
        for name in alwaysNull { shown.append(Member(name, .null)) }
        for name in ["metadata", "aliases", "config", "permissions"] { shown.append(Member(name, .object([]))) }
        return shown
    }()
}

extension LiteLLMKeys.Act {
    fileprivate var summary: String {
        switch self {
        case .generate: "Makes a key, as LiteLLM does."
        case .info: "Shows a key, as LiteLLM does."
        case .update: "Changes a key, as LiteLLM does."
        case .delete: "Deletes keys, as LiteLLM does: all of them or none."
        }
    }

    fileprivate var body: NamedSchema? {
        switch self {
        case .generate: LiteLLMKeys.generation
        case .info: nil
        case .update: LiteLLMKeys.updating
        case .delete: LiteLLMKeys.deletion
        }
    }

    fileprivate var answer: AdministrationOperation.Answer {
        let (meaning, schema): (String, NamedSchema) =
            switch self {
            case .generate: ("The key, which is shown only now.", LiteLLMKeys.key)
            case .info: ("The key.", LiteLLMKeys.keyInfo)
            case .update: ("The key as it is now.", LiteLLMKeys.key)
            case .delete: ("They are gone.", LiteLLMKeys.deleted)
            }
        var answer = AdministrationOperation.Answer(200, meaning, schema)
        answer.mayBeReplayed = self != .info
        return answer
    }
}

extension LiteLLMKeys.Meaning {
    fileprivate var schema: Schema {
        switch self {
        case .ours("models"): .list(of: .line, 0...IdentityField.mostEntries).orNull
        case .ours("label"): .line.orNull
        case .ours: .text(1...512).orNull
        case .duration: .text(pattern: Self.durations).orNull
        case .keyType: .choice(LiteLLMKeys.types.map(\.name)).orNull
        case .limit(let name):
            IdentityKind.keys.field(name)?.given ?? Schema.null.meaning("Not kept here, and refused.")
        case .budget: .amount(upTo: BudgetLimits.mostUSD)
        case .budgetDuration: .choice(LiteLLMKeys.budgetDurations.map(\.word))
        case .notKept(let isList):
            (isList ? Schema.list(of: .text()) : Schema.anything).orNull.meaning("Taken, and not kept.")
        case .refused(.null): .null.meaning("Not kept here, and refused.")
        case .refused(.noMembers): .object([]).orNull.meaning("Not kept here: only an empty one is taken.")
        case .refused(.noElements): .list(of: .null, 0...0).orNull.meaning("Not kept here: only an empty one is taken.")
        case .refused(.no): .oneOf([false, nil]).meaning("Not kept here: only false is taken.")
        case .refused(.zero): .oneOf([0, nil]).meaning("Counted by the gateway alone.")
        }
    }

    /// Each unit with as many digits as it may have.
    private static let durations: String = {
        let units = LiteLLMKeys.units.map { "[1-9][0-9]{0,\($0.digits - 1)}\($0.mark)" }
        return "^(\((units + [LiteLLMKeys.endless]).joined(separator: "|")))$"
    }()
}
