import Dialects
import Inference
import JSON
import Providers

/// What the listener and the configuration look like from outside.
extension NamedSchema {
    private typealias Member = Schema.Member

    // MARK: The listener itself

    static let health = NamedSchema("Health", .object([Member("status", .choice(["ok"]))]))

    static let readiness = NamedSchema(
        "Readiness",
        .object([
            Member("status", .choice(["ready", "draining", "not ready"])),
            Member("reason", .text(), isRequired: false),
            Member(
                "providers",
                .list(
                    of: .object([
                        Member("name", .text()), Member("state", state), Member("reason", .text(), isRequired: false),
                    ])
                ),
                isRequired: false
            ),
        ])
    )

    static let status = NamedSchema(
        "Status",
        .object([
            Member("version", .text()), Member("uptime_seconds", count), Member("ready", .flag),
            Member("draining", .flag), Member("connections", count, isRequired: false),
            Member("exchanges_in_flight", count, isRequired: false),
            Member("exchanges_settled", count, isRequired: false), Member("config_ok", .oneOf([0, 1])),
            Member("config_generation", .integer(1...Int.max), isRequired: false),
            Member("config_loaded_at", .time, isRequired: false),
            Member("config_problem", .text(), isRequired: false),
            Member("config_restart_needed", .list(of: .text()), isRequired: false),
            Member("overload", .anything.meaning("Whether requests are turned away, and why."), isRequired: false),
            Member("account", .anything.meaning("Whether what requests use can be written down."), isRequired: false),
            Member(
                "providers",
                .list(of: .anything).meaning("Each with its name and state; /admin/v1/providers has all of it."),
                isRequired: false
            ),
        ])
    )

    static let document = NamedSchema("Document", .anything)

    static let problem = NamedSchema(
        "Problem",
        .object([
            Member("type", .choice(["about:blank"])),
            Member("title", .text().meaning("The same for each problem of its code.")),
            Member("status", .integer(400...599)),
            Member("code", .choice(AdministrationProblem.Code.allCases.map(\.rawValue)).meaning("It stays the same.")),
            Member("detail", .text().meaning("What was wrong with this very request, and what to do.")),
            Member("field", .text().meaning("The member or the parameter that was wrong."), isRequired: false),
            Member(
                "errors",
                .list(of: fault.reference).meaning("What is wrong with a configuration."),
                isRequired: false
            ),
            Member(
                "error",
                liteLLMError.reference.meaning("The same, as LiteLLM's clients read it."),
                isRequired: false
            ),
        ])
    )

    static let fault = NamedSchema(
        "ConfigurationFault",
        .object([
            Member("code", .text()), Member("message", .text()), Member("file", .text(), isRequired: false),
            Member("line", .integer(1...Int.max), isRequired: false),
            Member("column", .integer(1...Int.max), isRequired: false),
            Member("next_step", .text(), isRequired: false),
        ])
    )

    static let liteLLMError = NamedSchema(
        "LiteLLMError",
        .object([
            Member("message", .text()), Member("type", .text()), Member("param", .text().orNull),
            Member("code", .text()),
        ])
    )

    // MARK: The configuration

    static let reload = NamedSchema(
        "Reload",
        .object([
            Member("config_ok", .oneOf([1])), Member("config_generation", .integer(1...Int.max)),
            Member("warnings", .list(of: .text())), Member("restart_needed", .list(of: .text())),
        ])
    )

    static let provider = NamedSchema("Provider", .object(providerMembers))

    static let providerWithModels = NamedSchema(
        "ProviderWithModels",
        .object(
            providerMembers + [
                Member("model_names", .list(of: .text()).orNull.meaning("Null where it does not list them."))
            ]
        )
    )

    static let providers = NamedSchema(
        "ProviderPage",
        .object([Member("data", .list(of: provider.reference)), noNext])
    )

    private static let providerMembers = [
        Member("name", .text()), Member("state", state), Member("reason", .text().orNull),
        Member("default", .flag.meaning("Whether it takes what no rule and no model's name leads elsewhere.")),
        Member("base_url", .text().orNull), Member("dialect", dialect.orNull), Member("model", .text().orNull),
        Member("models", count.orNull.meaning("How many it lists; null where it does not.")),
        Member("tags", .list(of: .text())),
        Member("authentication", .choice(Provider.Authentication.allCases.map(\.rawValue)).orNull),
        Member("headers", .list(of: .text()).meaning("The names of those that are always sent.")),
        Member("credentials", .list(of: credential.reference)), Member("in_flight", count.orNull),
        Member("queued", count.orNull), Member("max_concurrent", count.orNull), Member("queue", queue.orNull),
        Member("breaker", breaker.orNull), Member("cooldown", seconds.orNull),
    ]

    static let credential = NamedSchema(
        "Credential",
        .object([
            Member("index", count), Member("key", .choice(["***"]).orNull.meaning("Null where none is sent.")),
            Member("breaker", breaker), Member("failures_in_row", count), Member("cooldown", seconds.orNull),
            Member("cause", .text().orNull),
        ])
    )

    static let routes = NamedSchema("RoutePage", .object([Member("data", .list(of: route.reference)), noNext]))

    static let route = NamedSchema(
        "Route",
        .object([
            Member("name", .text()), Member("when", conditions), Member("targets", .list(of: target(.number(from: 0)))),
            Member("strategy", .choice(RouteStrategy.allCases.map(\.rawValue))), Member("affinity", .flag),
            Member("loaded_first", count), Member("fallbacks", .list(of: fallback)),
            Member("max_cost", Schema.number(from: 0).orNull.meaning("USD for one request.")),
            Member("canary", share.orNull), Member("shadow", share.orNull), Member("attempts", attempts),
        ])
    )

    private static let conditions = Schema.object([
        Member("headers", .map(of: .text()), isRequired: false), Member("models", texts, isRequired: false),
        Member("families", texts, isRequired: false), Member("dialects", .list(of: dialect), isRequired: false),
        Member("tenants", texts, isRequired: false), Member("roles", texts, isRequired: false),
        Member("key_labels", texts, isRequired: false), Member("times", texts, isRequired: false),
        Member("min_tokens", count, isRequired: false), Member("max_tokens", count, isRequired: false),
        Member("tools", .flag, isRequired: false), Member("images", .flag, isRequired: false),
        Member("min_spend", .number(from: 0), isRequired: false),
        Member("max_spend", .number(from: 0), isRequired: false),
        Member("min_budget_used", budgetUsed, isRequired: false),
        Member("max_budget_used", budgetUsed, isRequired: false),
        Member("prefer", .list(of: preference), isRequired: false),
    ])
    .meaning("Only the conditions that there are; all have to hold.")

    private static let budgetUsed = Schema.number(from: 0).meaning("A share of a budget: 1 is all of it.")

    private static let fallback = Schema.object([
        Member("provider", .text()), Member("model", .text().orNull),
        Member("on", texts.orNull.meaning("The codes of failures; null for any.")),
    ])

    private static let share = Schema.object([
        Member("provider", .text()), Member("model", .text().orNull), Member("percent", .number(from: 0)),
    ])

    private static func target(_ weight: Schema) -> Schema {
        .object([
            Member("provider", .text()), Member("model", .text().orNull.meaning("Null keeps the caller's.")),
            Member("weight", weight),
        ])
    }

    private static let attempts = Schema.object(
        [
            Member("retries", count), Member("backoff", seconds), Member("longest_wait", seconds),
            Member("repeats_sent", .flag), Member("hedges", .flag), Member("holds_head", seconds.orNull),
        ]
            + ["connect", "head", "first_token", "idle", "total"].map { Member($0, seconds.orNull) }
    )

    // MARK: Where a request goes

    static let routeQuestion = NamedSchema(
        "RouteQuestion",
        .object([
            Member("model", RouteQuestion.name.meaning("As the caller names it.")),
            Member("dialect", dialect.initially(.string(Dialect.chat.rawValue)), isRequired: false),
            Member(
                "headers",
                .map(
                    of: .text(0...1024, pattern: RouteQuestion.valuePattern),
                    names: RouteQuestion.fieldPattern,
                    most: 100
                ),
                isRequired: false
            ),
            Member("tenant", RouteQuestion.name.orNull, isRequired: false),
            Member("role", RouteQuestion.name.orNull, isRequired: false),
            Member("key_label", RouteQuestion.name.orNull, isRequired: false),
            Member("at", Schema.givenTime.orNull, isRequired: false),
            Member("tokens", count.meaning("Of the prompt.").initially(0), isRequired: false),
            Member(
                "output_tokens",
                count.meaning("Of the answer.").initially(.number(JSONNumber(RouteQuery.usualOutput))),
                isRequired: false
            ),
            Member("tools", Schema.flag.initially(false), isRequired: false),
            Member("images", Schema.flag.initially(false), isRequired: false),
            Member("prefer", preference.orNull, isRequired: false),
            Member("spend", Schema.number(from: 0).orNull.meaning("USD of this month."), isRequired: false),
            Member("budget_used", budgetUsed.orNull, isRequired: false),
            Member("session", RouteQuestion.name.orNull, isRequired: false),
        ])
    )

    static let explanation = NamedSchema(
        "RouteExplanation",
        .object([
            Member(
                "passed",
                .list(of: .object([Member("rule", .text()), Member("reason", .text())]))
                    .meaning("The rules before the one that fits, and why they do not.")
            ),
            Member("rule", .text().orNull.meaning("Null where the model's name decides.")),
            Member("targets", .list(of: explained)), Member("left_out", .list(of: explained)),
            Member("shadow", explained.orNull),
            Member(
                "refusal",
                Schema.object([
                    Member("status", .integer(400...599)), Member("code", .text()), Member("message", .text()),
                ])
                .orNull
            ),
        ])
    )

    private static let explained = Schema.object([
        Member("provider", .text()), Member("model", .text()), Member("reason", .text()),
    ])

    // MARK: What is kept

    static let newKey = IdentityKind.keyWithText

    static let rotation = NamedSchema(
        "Rotation",
        .object([
            Member(
                "overlap",
                .integer(0...IdentityTables.longestOverlap)
                    .meaning("Seconds for which the old secret counts on.")
                    .initially(.number(JSONNumber(IdentityTables.usualOverlap))),
                isRequired: false
            )
        ])
    )

    static let auditEntry = NamedSchema(
        "AuditEntry",
        .object([
            Member("number", .integer(1...Int.max)), Member("at", .time), Member("at_ms", count),
            Member("actor", .text()), Member("address", .text().orNull), Member("act", .text()),
            Member("subject", .text()), Member("tenant", .text().orNull), Member("before", .anything.orNull),
            Member("after", .anything.orNull),
            Member(
                "hash",
                .text(pattern: "^[0-9a-f]{64}$").meaning("SHA-256 over the entry before and this one.")
            ),
        ])
    )

    static let auditPage = NamedSchema(
        "AuditPage",
        IdentityKind.page(
            of: auditEntry.reference,
            more: [Member("length", count.meaning("How many entries were ever written."))]
        )
    )

    // MARK: Parts

    private static let count = Schema.integer(0...Int.max)
    private static let seconds = Schema.number(from: 0)
    private static let texts = Schema.list(of: .text())
    private static let state = Schema.choice(ProviderStatus.State.allCases.map(\.rawValue))
    private static let breaker = Schema.choice(CredentialLoad.Breaker.allCases.map(\.rawValue))
    private static let dialect = Schema.choice(Dialect.allCases.map(\.rawValue))
    private static let preference = Schema.choice(RoutePreference.allCases.map(\.rawValue))
    private static let queue = Schema.object([Member("length", count), Member("timeout", seconds)])
    private static let noNext = Member("next", .null.meaning("There are no more."))
}
