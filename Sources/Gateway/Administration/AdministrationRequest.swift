import JSON

/// A request to the administration, whatever brought it: the listener, or the command line on the store itself.
package struct AdministrationRequest: Sendable {
    package var method: String
    /// Begins with `/admin/v1/`.
    package var path: String
    /// The text behind the question mark.
    package var query: String
    package var body: [UInt8]
    package var ifMatch: String?
    package var idempotencyKey: String?

    package init(
        _ method: String,
        _ path: String,
        query: String = "",
        body: [UInt8] = [],
        ifMatch: String? = nil,
        idempotencyKey: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.ifMatch = ifMatch
        self.idempotencyKey = idempotencyKey
    }
}

/// What comes of it.
package struct AdministrationReply: Sendable {
    package var status: Int
    package var body: [UInt8] = []
    /// The version of the thing in the body.
    package var entityTag: String?
    /// Whether this is what an earlier request with the same `Idempotency-Key` was told.
    package var isReplayed = false
    /// The methods that there are, where another one was tried.
    package var allowed: String?
    /// What lay underneath a problem, for the operator alone.
    package var cause: String?
    /// What the body is where it is no JSON.
    package var mediaType: String?
    /// Whether there is more than the body has room for, and the body does not say so itself.
    package var isCut = false
    /// The cursor of the next page, where the body has no place for it.
    package var next: String?

    package var contentType: String { mediaType ?? (status < 400 ? "application/json" : "application/problem+json") }

    init(status: Int, body: [UInt8] = [], entityTag: String? = nil) {
        self.status = status
        self.body = body
        self.entityTag = entityTag
    }

    /// `isLiteLLM` says whether the caller may look for the reason where LiteLLM has it.
    init(_ problem: AdministrationProblem, isLiteLLM: Bool = false) {
        status = problem.code.status
        cause = problem.cause
        var writer = JSONWriter()
        writer.object { object in
            object.member("type", "about:blank")
            object.member("title", problem.code.title)
            object.member("status", problem.code.status)
            object.member("code", problem.code.rawValue)
            object.member("detail", problem.detail)
            object.memberIfPresent("field", problem.field)
            if !problem.faults.isEmpty {
                object.key("errors")
                object.array { list in
                    for fault in problem.faults { fault.write(to: &list) }
                }
            }
            if isLiteLLM { LiteLLMKeys.write(problem, to: &object) }
        }
        body = writer.bytes
    }
}

/// Who administers.
package struct AdministrationActor: Sendable, Hashable {
    let role: Role
    /// The tenant that it reaches; nil for the whole installation.
    let tenant: String?
    let key: String?
    let user: String?
    /// As the audit log names it.
    let name: String
    /// Where it came from; nil for somebody at the store itself.
    let address: String?

    /// Whoever may write the store's file.
    package static func local(_ user: String) -> AdministrationActor {
        AdministrationActor(role: .operator, tenant: nil, key: nil, user: nil, name: "local:\(user)", address: nil)
    }

    /// Anybody on this machine, as long as there is neither a tenant nor a key.
    static func loopback(_ address: String?) -> AdministrationActor {
        AdministrationActor(role: .operator, tenant: nil, key: nil, user: nil, name: "loopback", address: address)
    }

    /// The gateway itself.
    static let gateway = AdministrationActor(
        role: .operator,
        tenant: nil,
        key: nil,
        user: nil,
        name: "gateway",
        address: nil
    )

    init(_ key: IssuedKey, address: String?) {
        self.init(
            role: key.principal.role,
            tenant: key.principal.tenant,
            key: key.id,
            user: key.principal.user,
            name: "key:\(key.id)",
            address: address
        )
    }

    /// Somebody for whom a token speaks; the tenant is a part of the name, so that one subject in two tenants is two (T2).
    init(_ identity: OutsideIdentity, _ principal: Principal, address: String?) {
        self.init(
            role: principal.role,
            tenant: principal.tenant,
            key: nil,
            user: principal.user,
            name: "\(principal.tenant ?? "operator")/\(identity.name)",
            address: address
        )
    }

    private init(role: Role, tenant: String?, key: String?, user: String?, name: String, address: String?) {
        self.role = role
        self.tenant = tenant
        self.key = key
        self.user = user
        self.name = name
        self.address = address
    }
}
