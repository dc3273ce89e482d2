import JSON

/// One thing that the administration listener can be asked for.
///
/// Its route and its part of the OpenAPI document are made of this one declaration; see `all`.
struct AdministrationOperation: Sendable {
    /// What is done.
    enum Act: Sendable, Hashable {
        case health, readiness, status, document, metrics
        case reload, providers, provider, routes, explanation
        case live
        /// Of the account; `UsageAdministration` does it.
        case account(UsageAdministration.Act)
        case captures(CaptureAdministration.Act)
        /// Of what is kept in the store; `IdentityAdministration` does it.
        case stored
    }

    /// Who may ask for it.
    enum Audience: Sendable, Hashable {
        case everybody
        /// Whoever has a key of the scope `admin`; what the key's role may do is another matter.
        case keyHolders
        case operators
    }

    /// What it is asked with beside a body.
    struct Parameter: Sendable {
        enum Place: String, Sendable { case path, query, header }

        let name: String
        let place: Place
        let schema: Schema
        let meaning: String

        init(_ name: String, in place: Place, _ schema: Schema, _ meaning: String) {
            self.name = name
            self.place = place
            self.schema = schema
            self.meaning = meaning
        }
    }

    /// What it answers where it is done.
    struct Answer: Sendable {
        let status: Int
        let meaning: String
        /// Nil for an answer without a body, or with one that is no JSON.
        var schema: NamedSchema?
        /// In what else than JSON the same may come, where the caller asks for it; without a schema all that it may come in.
        var otherTypes: [String] = []
        var hasEntityTag = false
        var mayBeReplayed = false

        init(_ status: Int, _ meaning: String, _ schema: NamedSchema? = nil) {
            self.status = status
            self.meaning = meaning
            self.schema = schema
        }
    }

    let method: String
    /// With names in braces where something stands that the caller says.
    let path: String
    let act: Act
    /// Unique among all.
    let name: String
    let summary: String
    /// The heading that it stands under.
    let group: String
    var audience = Audience.keyHolders
    var parameters: [Parameter] = []
    var body: NamedSchema?
    var needsBody = true
    var answers: [Answer] = []
    /// Why it may not be done, beside what stands against everybody without a key.
    var codes: [AdministrationProblem.Code] = []

    /// All of why it may not be done.
    var allCodes: [AdministrationProblem.Code] {
        guard audience != .everybody else { return codes }
        var all: [AdministrationProblem.Code] = [.conflictingCredentials, .unauthenticated, .forbidden] + codes
        if body != nil { all.append(.tooLarge) }
        return AdministrationProblem.Code.allCases.filter { all.contains($0) }
    }
}

extension AdministrationOperation {
    /// Every one, in the order of the document.
    static let all: [AdministrationOperation] = {
        var all = listener + [metrics] + configuration
        for kind in IdentityKind.allCases { all += operations(of: kind) }
        return all + CaptureAdministration.operations + [audit] + account + [live] + LiteLLMKeys.operations
    }()

    // MARK: The listener itself

    private static let listener: [AdministrationOperation] = {
        let group = "gateway"
        var health = AdministrationOperation(
            method: "GET",
            path: "/health",
            act: .health,
            name: "health",
            summary: "Whether the process answers.",
            group: group
        )
        health.answers = [Answer(200, "It does.", .health)]
        var readiness = AdministrationOperation(
            method: "GET",
            path: "/health/ready",
            act: .readiness,
            name: "readiness",
            summary: "Whether a request has a chance.",
            group: group
        )
        readiness.codes = [.forbidden]
        readiness.answers = [Answer(200, "It has.", .readiness), Answer(503, "It has none.", .readiness)]
        var status = AdministrationOperation(
            method: "GET",
            path: "/status",
            act: .status,
            name: "status",
            summary: "How the gateway is.",
            group: group
        )
        status.codes = [.forbidden]
        status.answers = [Answer(200, "What runs, and with which configuration.", .status)]
        var document = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/openapi.json",
            act: .document,
            name: "openapi",
            summary: "This document.",
            group: group
        )
        document.codes = [.forbidden]
        document.answers = [Answer(200, "OpenAPI 3.1.", .document)]
        return [health, readiness, status, document].map { operation in
            var operation = operation
            operation.audience = .everybody
            return operation
        }
    }()

    private static let metrics: AdministrationOperation = {
        var metrics = AdministrationOperation(
            method: "GET",
            path: "/metrics",
            act: .metrics,
            name: "metrics",
            summary: "What the gateway counts and measures, as Prometheus reads it.",
            group: "gateway"
        )
        // The scrape's token opens it as well.
        metrics.audience = .operators
        metrics.codes = [.notFound]
        metrics.answers = [MetricsRoute.answer]
        return metrics
    }()

    // MARK: The configuration

    private static let configuration: [AdministrationOperation] = {
        let group = "configuration"
        var reload = AdministrationOperation(
            method: "POST",
            path: "/admin/v1/reload",
            act: .reload,
            name: "reload",
            summary: "Has the configuration read again.",
            group: group
        )
        reload.answers = [Answer(200, "It was taken.", .reload)]
        reload.codes = [.nothingToReload, .invalidConfiguration]
        var providers = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/providers",
            act: .providers,
            name: "listProviders",
            summary: "Lists the providers of the configuration, and how each one fares.",
            group: group
        )
        providers.answers = [Answer(200, "All of them, in the order of the configuration.", .providers)]
        var provider = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/providers/{name}",
            act: .provider,
            name: "showProvider",
            summary: "Shows one provider, with the models that it lists.",
            group: group
        )
        provider.parameters = [Parameter("name", in: .path, .text(1...512), "The provider's name.")]
        provider.answers = [Answer(200, "The provider.", .providerWithModels)]
        provider.codes = [.notFound]
        var routes = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/routes",
            act: .routes,
            name: "listRoutes",
            summary: "Lists the routing rules in their order.",
            group: group
        )
        routes.answers = [Answer(200, "All of them.", .routes)]
        var explanation = AdministrationOperation(
            method: "POST",
            path: "/admin/v1/routes/explain",
            act: .explanation,
            name: "explainRoute",
            summary: "Says where a request goes and why; nothing is sent to a model.",
            group: group
        )
        explanation.body = .routeQuestion
        explanation.answers = [Answer(200, "Where it goes, or why it is refused.", .explanation)]
        explanation.codes = [.invalidBody, .invalidValue, .missingMember, .unknownMember]
        return [reload, providers, provider, routes, explanation].map { operation in
            var operation = operation
            operation.audience = .operators
            return operation
        }
    }()

    // MARK: What is kept

    private static func operations(of kind: IdentityKind) -> [AdministrationOperation] {
        let all = kind.rawValue
        let nouns = kind.typeName
        func stored(_ method: String, _ rest: String, _ name: String, _ summary: String) -> AdministrationOperation {
            var operation = AdministrationOperation(
                method: method,
                path: "/admin/v1/\(all)\(rest)",
                act: .stored,
                name: name,
                summary: summary,
                group: all
            )
            if rest.hasPrefix("/{id}") {
                let names = kind == .tenants ? ", or its name" : ""
                operation.parameters = [Parameter("id", in: .path, .text(1...512), "Its id\(names).")]
            }
            operation.codes =
                method == "GET" ? [.notFound, .storeUnavailable] : [.notFound, .storeUnavailable, .changed]
            if method != "GET", !rest.isEmpty { operation.parameters.append(.ifMatch) }
            if method == "POST" {
                operation.parameters.append(.idempotencyKey)
                operation.codes += [.idempotencyConflict, .invalidValue]
            }
            return operation
        }
        func tagged(_ status: Int, _ meaning: String, _ schema: NamedSchema, replayed: Bool = false) -> Answer {
            var answer = Answer(status, meaning, schema)
            (answer.hasEntityTag, answer.mayBeReplayed) = (true, replayed)
            return answer
        }
        let faults: [AdministrationProblem.Code] = [.invalidBody, .invalidValue, .unknownMember]

        var list = stored("GET", "", "list\(kind == .policies ? "Policies" : nouns + "s")", "Lists \(all).")
        list.parameters = Parameter.narrowing(kind)
        list.codes.append(.invalidQuery)
        list.answers = [Answer(200, "A page of them.", kind.page)]

        var create = stored("POST", "", "create\(nouns)", "Creates a \(kind.noun).")
        create.body = kind.creation
        create.codes += faults + [.missingMember, .nameTaken]
        create.codes.removeAll { $0 == .changed }
        create.answers = [tagged(201, "It was created.", kind == .keys ? .newKey : kind.shown, replayed: true)]

        var show = stored("GET", "/{id}", "show\(nouns)", "Shows one \(kind.noun).")
        show.answers = [tagged(200, "The \(kind.noun).", kind.shown)]

        var change = stored("PATCH", "/{id}", "change\(nouns)", "Changes the given members of a \(kind.noun).")
        change.body = kind.change
        change.codes += faults + [.nameTaken]
        change.answers = [tagged(200, "The \(kind.noun) as it is now.", kind.shown)]

        var delete = stored("DELETE", "/{id}", "delete\(nouns)", "Deletes a \(kind.noun) to which nothing belongs.")
        delete.codes.append(.inUse)
        delete.answers = [Answer(204, "It is gone.")]
        guard kind == .keys else { return [list, create, show, change, delete] }

        var rotate = stored("POST", "/{id}/rotate", "rotateKey", "Gives a key another secret.")
        rotate.body = .rotation
        rotate.needsBody = false
        rotate.codes += faults + [.revoked]
        rotate.answers = [tagged(200, "The key with its new text.", .newKey, replayed: true)]
        var revoke = stored("POST", "/{id}/revoke", "revokeKey", "Ends a key for good.")
        revoke.codes += [.invalidBody, .unknownMember, .tooLarge]
        revoke.answers = [tagged(200, "The key as it is now.", kind.shown, replayed: true)]
        return [list, create, show, change, delete, rotate, revoke]
    }

    private static let audit: AdministrationOperation = {
        var audit = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/audit",
            act: .stored,
            name: "listAudit",
            summary: "Lists the administrative acts, the oldest first.",
            group: "audit"
        )
        audit.audience = .operators
        audit.parameters = Parameter.narrowing(nil)
        audit.answers = [Answer(200, "A page of them.", .auditPage)]
        audit.codes = [.invalidQuery, .storeUnavailable]
        return audit
    }()
}

extension AdministrationOperation.Parameter {
    static let ifMatch = AdministrationOperation.Parameter(
        "If-Match",
        in: .header,
        .text(1...512),
        "It is done only if the thing has one of these ETags still, or there is one where it is `*`."
    )

    static let idempotencyKey = AdministrationOperation.Parameter(
        "Idempotency-Key",
        in: .header,
        .text(1...255),
        "It is done once in a day for each of these."
    )

    /// What a list takes; `kind` is nil for the audit log.
    static func narrowing(_ kind: IdentityKind?) -> [AdministrationOperation.Parameter] {
        typealias Parameter = AdministrationOperation.Parameter
        let most = AdministrationQuery.mostRows
        var all = [
            Parameter("limit", in: .query, .integer(1...Int.max), "Rows of a page; never more than \(most)."),
            Parameter("cursor", in: .query, .cursor, "The `next` of the page before."),
        ]
        guard let kind else { return all }
        if kind.field("tenant") != nil {
            all.append(Parameter("tenant", in: .query, .line, "Those of this tenant alone, by its id or its name."))
        }
        if kind == .keys { all.append(Parameter("user", in: .query, .line, "Those of the user with this id alone.")) }
        all.append(Parameter("search", in: .query, .line, "Those alone whose \(kind.label) holds this text."))
        return all
    }
}
