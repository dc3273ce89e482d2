import JSON

/// LiteLLM's way to administer keys, so that scripts which were written for it go on working.
///
/// Its words are put into ours and back. What it promises of a key and this gateway does not keep is refused by name: a limit
/// that is dropped in silence is one that somebody relies on.
enum LiteLLMKeys {
    enum Act: String, Sendable, Hashable, CaseIterable {
        case generate, info, update, delete

        init?(path: String) {
            guard let act = Self.allCases.first(where: { $0.path.utf8.elementsEqual(path.utf8) }) else { return nil }
            self = act
        }

        var path: String { "/key/\(rawValue)" }
    }

    /// Whether a path is one of LiteLLM's.
    static func isTheirs(_ path: String) -> Bool { path.utf8.starts(with: "/key/".utf8) }

    /// What becomes of a member of a key.
    enum Meaning: Sendable, Hashable {
        /// It is one of ours under another name.
        case ours(String)
        /// How long the key holds.
        case duration
        /// What the key opens.
        case keyType
        /// A limit that is kept where keys have a member of this name.
        case limit(String)
        /// What may be spent in a day or a month: `max_budget`, with the time that it is for beside it.
        case budget
        /// That time: `budget_duration`.
        case budgetDuration
        /// It promises nothing: it is taken and not kept, which the reply says.
        case notKept(isList: Bool)
        /// It promises what this gateway does not keep: only what says nothing is taken.
        case refused(Nothing)

        /// What says nothing of a member.
        enum Nothing: Sendable, Hashable { case null, noMembers, noElements, no, zero }
    }

    struct KnownMember: Sendable {
        let name: String
        let meaning: Meaning
    }

    /// Every member that is known.
    static let members: [KnownMember] = [
        ("key_alias", .ours("label")), ("models", .ours("models")), ("user_id", .ours("user")),
        ("team_id", .ours("tenant")), ("duration", .duration), ("key_type", .keyType),
        ("rpm_limit", .limit("requests_per_minute")), ("tpm_limit", .refused(.null)),
        ("max_parallel_requests", .limit("concurrent_requests")), ("metadata", .notKept(isList: false)),
        ("tags", .notKept(isList: true)), ("max_budget", .budget), ("soft_budget", .refused(.null)),
        ("budget_duration", .budgetDuration), ("budget_id", .refused(.null)),
        ("model_max_budget", .refused(.noMembers)), ("model_rpm_limit", .refused(.noMembers)),
        ("model_tpm_limit", .refused(.noMembers)), ("rpm_limit_type", .refused(.null)),
        ("tpm_limit_type", .refused(.null)), ("tpd_limit", .refused(.null)), ("organization_id", .refused(.null)),
        ("aliases", .refused(.noMembers)), ("config", .refused(.noMembers)), ("permissions", .refused(.noMembers)),
        ("object_permission", .refused(.noMembers)), ("allowed_routes", .refused(.noElements)),
        ("allowed_cache_controls", .refused(.noElements)), ("guardrails", .refused(.noElements)),
        ("policies", .refused(.noElements)), ("prompts", .refused(.noElements)),
        ("enforced_params", .refused(.noElements)), ("blocked", .refused(.no)), ("auto_rotate", .refused(.no)),
        ("send_invite_email", .refused(.no)), ("spend", .refused(.zero)),
    ]
    .map { (name: String, meaning: Meaning) in KnownMember(name: name, meaning: meaning) }

    /// What a key is shown to have none of.
    static let alwaysNull = ["tpm_limit", "soft_budget"]

    /// LiteLLM's times for which a budget is that have one of ours: a day and a month of the calendar, as theirs are.
    static let budgetDurations: [(word: String, member: BudgetLimits.Member)] = [
        ("1d", .dailyCost), ("24h", .dailyCost), ("30d", .monthlyCost), ("1mo", .monthlyCost),
    ]

    /// What a key opens by LiteLLM's kinds of keys; `default` may ask models and administers nothing.
    static let types: [(name: String, role: Role, scopes: [KeyScope])] = [
        ("default", .member, [.models]), ("llm_api", .member, [.models]), ("management", .member, [.admin]),
        ("read_only", .viewer, [.admin]),
    ]

    /// Their name for a member of ours.
    static func theirs(_ name: String) -> String {
        if name == "expires_at" { return "duration" }
        if name == "scopes" || name == "role" { return "key_type" }
        if budgetDurations.contains(where: { $0.member.rawValue == name }) { return "max_budget" }
        return members.first { $0.meaning == .ours(name) || $0.meaning == .limit(name) }?.name ?? name
    }

    /// Writes a problem as LiteLLM's clients read it, beside ours.
    static func write(_ problem: AdministrationProblem, to object: inout JSONWriter) {
        object.key("error")
        object.object { error in
            error.member("message", problem.detail)
            error.member("type", problem.code.rawValue)
            error.member("param", orNull: problem.field)
            error.member("code", "\(problem.code.status)")
        }
    }

    /// What LiteLLM has for a key without an end.
    static let endless = "-1"

    /// Seconds of a text such as `30d`; nil for anything else.
    static func seconds(of duration: String) -> Int? {
        guard let unit = units.first(where: { $0.mark == duration.last }) else { return nil }
        let digits = duration.utf8.dropLast()
        guard (1...unit.digits).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(Substring(digits))
        else { return nil }
        return number * unit.seconds
    }

    /// Longer ones would leave the calendar.
    static let units: [(mark: Character, seconds: Int, digits: Int)] = [
        ("s", 1, 9), ("m", 60, 7), ("h", 3_600, 6), ("d", 86_400, 5), ("w", 604_800, 5),
    ]

    /// A key as it may be told to anybody.
    static func masked(_ id: String) -> String { "sk-torii-\(id)-***" }
}
