import JSON

/// Does what the administration is asked for, on the store: the rules of `/admin/v1`, without a listener.
///
/// Every act is one transaction with its entry in the audit log. All of it blocks; nothing here belongs on an event loop.
package struct IdentityAdministration: Sendable {
    let store: IdentityStore

    package init(_ store: IdentityStore) { self.store = store }

    /// A path of the administration, understood.
    enum Target: Hashable {
        case all(IdentityKind)
        case one(IdentityKind, String)
        case rotation(String)
        case revocation(String)
        case audit
        /// What LiteLLM's scripts ask for.
        case liteLLM(LiteLLMKeys.Act)

        init?(_ path: String) {
            if let act = LiteLLMKeys.Act(path: path) {
                self = .liteLLM(act)
                return
            }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 4, parts[0].isEmpty, parts[1] == "admin", parts[2] == "v1" else { return nil }
            let rest = parts[3...].compactMap { ModelPath(escaped: $0[...])?.name }
            guard rest.count == parts.count - 3 else { return nil }
            switch (rest.count, IdentityKind(rawValue: rest[0])) {
            case (1, let kind?): self = .all(kind)
            case (1, nil) where rest[0] == "audit": self = .audit
            case (2, let kind?): self = .one(kind, rest[1])
            case (3, .keys) where rest[2] == "rotate": self = .rotation(rest[1])
            case (3, .keys) where rest[2] == "revoke": self = .revocation(rest[1])
            default: return nil
            }
        }
    }

    /// Does it, or says why not; never fails otherwise.
    package func answer(_ request: AdministrationRequest, as actor: AdministrationActor) -> AdministrationReply {
        do throws(AdministrationProblem) {
            return try perform(request, actor)
        } catch {
            return AdministrationReply(error, isLiteLLM: LiteLLMKeys.isTheirs(request.path))
        }
    }

    private func perform(
        _ request: AdministrationRequest,
        _ actor: AdministrationActor
    ) throws(AdministrationProblem) -> AdministrationReply {
        guard let target = Target(request.path) else {
            throw AdministrationProblem(.notFound, "There is no such path. docs/tenants.md has all.")
        }
        switch (request.method, target) {
        case ("GET", .all(let kind)):
            let query = try AdministrationQuery(request.query, of: kind)
            return try store.read { (tables) throws(AdministrationProblem) in try tables.list(kind, query, actor) }
        case ("GET", .one(let kind, let reference)):
            return try store.read { (tables) throws(AdministrationProblem) in
                let row = try tables.visible(kind, reference, actor)
                return AdministrationReply(row)
            }
        case ("GET", .audit):
            guard actor.role == .operator else {
                throw AdministrationProblem(.forbidden, "Only an operator reads the audit log.")
            }
            let query = try AdministrationQuery(request.query, of: nil)
            return try store.read { (tables) throws(AdministrationProblem) in try tables.auditPage(query) }
        case ("GET", .liteLLM(.info)):
            return try store.read { (tables) throws(AdministrationProblem) in
                try tables.liteLLMInfo(request.query, actor)
            }
        case ("POST", .liteLLM(let act)) where act != .info:
            guard request.ifMatch == nil else {
                throw AdministrationProblem(.invalidValue, "LiteLLM's paths take no If-Match. Use /admin/v1/keys.")
            }
            return try store.write { (tables) throws(AdministrationProblem) in
                try tables.once(request, actor) { () throws(AdministrationProblem) in
                    try tables.perform(act, IdentityBody(request.body), actor)
                }
            }
        case ("POST", .all), ("PATCH", .one), ("DELETE", .one), ("POST", .rotation), ("POST", .revocation):
            return try store.write { (tables) throws(AdministrationProblem) in
                try tables.once(request, actor) { () throws(AdministrationProblem) in
                    try tables.change(target, request, actor)
                }
            }
        default:
            throw AdministrationProblem(.methodNotAllowed, "\(request.path) does not take \(request.method).")
        }
    }

    /// Notes that the configuration was read again.
    func noteReload(_ success: Reloader.Success, by actor: AdministrationActor) throws(AdministrationProblem) {
        func text(_ generation: Int, _ more: (inout JSONWriter) -> Void = { _ in }) -> String {
            var writer = JSONWriter()
            writer.object { object in
                object.member("config_generation", generation)
                more(&object)
            }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let after = text(success.generation) { object in
            object.key("restart_needed")
            object.array { list in for key in success.restartNeeded { list.string(key) } }
        }
        try store.write { (tables) throws(AdministrationProblem) in
            try tables.note(
                "configuration.reload",
                actor,
                on: "configuration",
                before: text(success.generation - 1),
                after: after
            )
        }
    }

    /// A first key for the whole installation; nil where a tenant or a key is there already.
    func bootstrapKey() throws(AdministrationProblem) -> String? {
        try store.write { (tables) throws(AdministrationProblem) in
            guard try tables.isEmpty() else { return nil }
            let body = Array(#"{"label":"bootstrap","role":"operator"}"#.utf8)
            let request = AdministrationRequest("POST", "/admin/v1/keys", body: body)
            let reply = try tables.change(.all(.keys), request, .gateway)
            guard let key = try? JSONDocument(reply.body).root["key"]?.string else {
                preconditionFailure("a key that was made is in its reply")
            }
            return key
        }
    }
}

extension AdministrationReply {
    init(_ row: IdentityRow, status: Int = 200, key: String? = nil) {
        self.init(status: status, body: row.json(with: key), entityTag: row.entityTag)
    }
}

/// What a list is narrowed by; every value is bounded (B18).
struct AdministrationQuery {
    static let mostRows = 200

    private(set) var limit = 50
    /// The number of the last row of the page before.
    private(set) var after = 0
    private(set) var tenant: String?
    private(set) var user: String?
    /// A part of the name or the label.
    private(set) var search: String?

    /// Reads a query; `kind` is what is listed, nil for the audit log.
    ///
    /// - Throws: `invalidQuery` for a parameter that is not known or holds what it must not.
    init(_ text: String, of kind: IdentityKind?) throws(AdministrationProblem) {
        for (name, value) in try Self.pairs(text) {
            switch name {
            case "limit":
                guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value), number > 0 else {
                    throw Self.wrong(name, "has to be a number above 0")
                }
                limit = min(number, Self.mostRows)
            case "cursor":
                guard let number = Int(value, radix: 36), number > 0, value == Self.cursor(number) else {
                    throw Self.wrong(name, "is none of ours")
                }
                after = number
            case "tenant" where kind?.field("tenant") != nil: tenant = value
            case "user" where kind == .keys: user = value
            case "search" where kind != nil: search = value
            default: throw Self.wrong(name, "is not known here")
            }
        }
    }

    /// The parameters of a query, each of which stands there once and is one line.
    static func pairs(_ text: String) throws(AdministrationProblem) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = ModelPath(escaped: parts[0])?.name else {
                throw Self.wrong("a parameter", "has no name")
            }
            let escaped = parts.count == 2 ? parts[1].replacing("+", with: "%20") : ""
            guard let value = ModelPath(escaped: escaped[...])?.name, IdentityField.isName(value) else {
                throw Self.wrong(name, "has no value, or one that is too long or no single line")
            }
            guard !pairs.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw Self.wrong(name, "stands there twice")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    static func cursor(_ number: Int) -> String { String(number, radix: 36) }

    static func wrong(_ name: String, _ how: String) -> AdministrationProblem {
        let name = String(name.prefix(100))
        return AdministrationProblem(.invalidQuery, "\(name) \(how).", field: name)
    }
}
