import Inference
import JSON
import NIOCore
import Providers

/// What is configured, and how it fares; never a secret.
extension GatewayView {
    /// All providers in the order of the configuration, those that are not in use behind the others.
    var providers: AdministrationReply {
        let snapshot = shared.snapshot
        let usual = snapshot.usualProvider
        var writer = JSONWriter()
        writer.object { object in
            object.key("data")
            object.array { list in
                for status in snapshot.providerStatus(shared.upstreams, at: shared.clock.now) {
                    list.object { row in
                        status.write(snapshot.provider(status.name), usual: usual, to: &row)
                    }
                }
            }
            object.key("next")
            object.null()
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// One provider with the models that it lists.
    func provider(named name: String?) throws(AdministrationProblem) -> AdministrationReply {
        let snapshot = shared.snapshot
        let all = snapshot.providerStatus(shared.upstreams, at: shared.clock.now)
        guard let name, let status = all.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            throw AdministrationProblem(.notFound, "There is no provider of this name.")
        }
        let listing = snapshot.directory.answers[status.name]?.listing
        var writer = JSONWriter()
        writer.object { object in
            status.write(snapshot.provider(status.name), usual: snapshot.usualProvider, to: &object)
            object.key("model_names")
            guard case .models(let names) = listing else { return object.null() }
            object.array { list in for name in names { list.string(name) } }
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// The routing rules in their order.
    var routes: AdministrationReply {
        var writer = JSONWriter()
        writer.object { object in
            object.key("data")
            object.array { list in for rule in shared.snapshot.settings.routes { rule.write(to: &list) } }
            object.key("next")
            object.null()
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    /// Where a request goes by what is known now, within what its tenant may ask for.
    func explanation(of question: RouteQuestion) -> AdministrationReply {
        let (snapshot, scopes) = (shared.snapshot, shared.identities.scopes)
        let tenant = question.tenant.flatMap { scopes.tenant($0) }
        let usual = tenant?.preference ?? snapshot.settings.preference
        var query = question.query(usually: usual, now: Int(WallClock.seconds()))
        query.overrides = shared.identities.prices
        if let tenant {
            (query.tenant, query.tenantID) = (tenant.name, tenant.id)
            query.rights = scopes.bounds(tenant: tenant.id, user: nil).rights
        }
        return AdministrationReply(
            status: 200,
            body: snapshot.directory.planner(for: query.rights).explain(query).json
        )
    }
}

extension Snapshot {
    /// Who takes what no rule and no model's name leads elsewhere.
    fileprivate var usualProvider: String? { settings.defaultProvider ?? settings.providers.first?.name }
}

extension ProviderStatus {
    /// Writes all that may be told of a provider; nil is one that is not in use.
    fileprivate func write(_ provider: Provider?, usual: String?, to object: inout JSONWriter) {
        object.member("name", name)
        object.member("state", state.rawValue)
        object.member("reason", orNull: reason)
        object.member("default", usual.map { $0.utf8.elementsEqual(name.utf8) } ?? false)
        object.member("base_url", orNull: baseURL)
        object.member("dialect", orNull: dialect)
        object.member("model", orNull: provider?.model)
        object.member("models", orNull: models)
        object.texts("tags", provider?.tags ?? [])
        object.member("authentication", orNull: provider?.authentication.rawValue)
        object.texts("headers", provider?.headers.map(\.name) ?? [])
        object.key("credentials")
        let secrets = provider.map { $0.apiKeys.isEmpty ? [$0.apiKey].compactMap(\.self) : $0.apiKeys } ?? []
        object.array { list in
            for credential in credentials ?? [] {
                let secret = secrets.indices.contains(credential.index) ? secrets[credential.index] : nil
                credential.write(isSent: secret.map { !$0.isEmpty } ?? false, to: &list)
            }
        }
        object.member("in_flight", orNull: inFlight)
        object.member("queued", orNull: queued)
        object.member("max_concurrent", orNull: concurrency)
        object.key("queue")
        if let queue = provider?.limits.queue {
            object.object { member in
                member.member("length", queue.length)
                member.member("timeout", queue.timeout / .seconds(1))
            }
        } else {
            object.null()
        }
        object.member("breaker", orNull: breaker)
        object.member("cooldown", orNull: cooldown)
    }
}

extension CredentialStatus {
    /// The key itself is only told to be there.
    fileprivate func write(isSent: Bool, to list: inout JSONWriter) {
        list.object { object in
            object.member("index", index)
            object.member("key", orNull: isSent ? "***" : nil)
            object.member("breaker", breaker)
            object.member("failures_in_row", failuresInRow)
            object.member("cooldown", orNull: cooldown)
            object.member("cause", orNull: cause)
        }
    }
}

extension JSONWriter {
    /// A name, and a value or null.
    mutating func member(_ key: String, orNull value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ key: String, orNull value: Int?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }

    mutating func member(_ key: String, orNull value: Double?) {
        self.key(key)
        if let value { double(value) } else { null() }
    }

    /// A name and a list of texts.
    mutating func texts(_ key: String, _ texts: [String]) {
        self.key(key)
        array { list in for text in texts { list.string(text) } }
    }
}
