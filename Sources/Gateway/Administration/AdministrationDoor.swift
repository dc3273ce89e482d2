import Dialects
import Hummingbird
import NIOCore
import NIOPosix
import Providers

/// Finds out who asks the administration, and keeps web pages out.
struct AdministrationDoor: Sendable {
    let shared: SharedContext
    private let host: String
    private let isLoopback: Bool

    init(shared: SharedContext, host: String) {
        self.shared = shared
        self.host = host
        isLoopback = Loopback.isLoopback(host)
    }

    /// Who administers tenants and keys.
    ///
    /// Nobody needs a key on loopback as long as there is neither a tenant nor a key, not even a static one.
    func actor(
        _ request: Request,
        from address: SocketAddress?
    ) async throws(AdministrationProblem) -> AdministrationActor {
        try await actor(request, from: address, isOpen: !shared.snapshot.authenticator.wantsProof)
    }

    /// Who looks after the configuration; `what` says what only an operator does.
    ///
    /// `isOpen` lets everybody on this machine in who would be let in if there were no static keys: those are keys of
    /// callers and administer nothing.
    @discardableResult
    func checkOperator(
        _ request: Request,
        from address: SocketAddress?,
        to what: String = "has the configuration read again",
        isOpen: Bool = false
    ) async throws(AdministrationProblem) -> AdministrationActor {
        let isOpen = isOpen || !shared.snapshot.authenticator.wantsProof
        let actor = try await actor(request, from: address, isOpen: isOpen)
        guard actor.role == .operator else { throw AdministrationProblem(.forbidden, "Only an operator \(what).") }
        return actor
    }

    /// Who reads what the gateway measures.
    ///
    /// That is whoever has the scrape's token, an operator, and a viewer that is of no tenant; on this machine everybody who may
    /// read all of `/status`.
    func checkScrape(
        _ request: Request,
        from address: SocketAddress?
    ) async throws(AdministrationProblem) {
        if try holdsScrapeToken(request) { return }
        let actor = try await actor(request, from: address, isOpen: true)
        guard actor.role == .operator || (actor.role == .viewer && actor.tenant == nil) else {
            throw AdministrationProblem(.forbidden, "Only an operator sees what the gateway measures.")
        }
    }

    /// Whether a request carries the scrape's token; compares in a time that does not depend on where they differ.
    private func holdsScrapeToken(_ request: Request) throws(AdministrationProblem) -> Bool {
        guard let token = shared.snapshot.settings.metrics.token, !token.isEmpty else { return false }
        let fields = Self.fields(of: request)
        guard fields.doubled != "authorization", let bearer = fields.bearer else { return false }
        try checkHost(request)
        let (wanted, given) = (Array(token.reveal().utf8), Array(bearer.utf8))
        var difference = UInt(bitPattern: wanted.count ^ given.count)
        for index in wanted.indices {
            difference |= UInt(wanted[index] ^ (index < given.count ? given[index] : 0))
        }
        return difference == 0
    }

    /// Whether somebody may know more of how the gateway is than that it is well: an operator, and everybody on this
    /// machine as long as there is neither a tenant nor a key.
    func tellsAll(_ request: Request, from address: SocketAddress?) async -> Bool {
        (try? await checkOperator(request, from: address, isOpen: true)) != nil
    }

    /// Keeps out what a web page could reach through a name of its own, where no key is asked for.
    func checkHost(_ request: Request) throws(AdministrationProblem) {
        do throws(Refusal) { try checkHost(Self.fields(of: request)) } catch { throw .refused(error) }
    }

    private func checkHost(_ fields: CallerFields) throws(Refusal) {
        try HostRule(listener: host, allowed: shared.snapshot.settings.allowedHosts).check(fields)
    }

    private static func fields(of request: Request) -> CallerFields {
        CallerFields(
            Fields(
                request.headers.map { ($0.name.canonicalName, $0.value) } + [("host", request.head.authority ?? "")]
            )
        )
    }

    private func actor(
        _ request: Request,
        from address: SocketAddress?,
        isOpen: Bool
    ) async throws(AdministrationProblem) -> AdministrationActor {
        let fields = Self.fields(of: request)
        let credential: Substring?
        if let doubled = fields.doubled, ["authorization", "x-api-key", "api-key"].contains(doubled) {
            throw AdministrationProblem(.conflictingCredentials, "The \(doubled) field stands more than once.")
        }
        do throws(Refusal) {
            try checkHost(fields)
            credential = try Authenticator.credential(in: fields)
        } catch {
            throw .refused(error)
        }
        let identities = shared.identities
        if isOpen, isLoopback, !identities.isInUse, !fields.isForwarded { return .loopback(address?.ipAddress) }
        guard let credential else { throw .needsKey }
        guard let key = identities.key(credential, from: address) else {
            return try await outside(credential, identities, from: address)
        }
        try check(key.principal)
        // Whoever has found the old secret must not be the one who exchanges the new one.
        guard request.method == .get || request.method == .head || identities.isCurrent(credential) else {
            throw AdministrationProblem(.forbidden, "This key was rotated. Use the new one to change anything.")
        }
        return AdministrationActor(key, address: address?.ipAddress)
    }

    /// Whom a token stands for; the keys of its issuer are waited for where they have to be fetched.
    private func outside(
        _ credential: Substring,
        _ identities: IdentitySnapshot,
        from address: SocketAddress?
    ) async throws(AdministrationProblem) -> AdministrationActor {
        let tokens = shared.snapshot.authenticator.tokens
        guard TokenText.isToken(credential) else { throw .needsKey }
        var verdict = tokens.verdict(credential, identities, nil, on: MultiThreadedEventLoopGroup.singleton.any())
        if case .wait(let keys) = verdict {
            // Such a wait never fails; the next look tells what came of it.
            try? await keys.get()
            // Whatever was reloaded, revoked or suspended meanwhile counts.
            verdict = shared.snapshot.authenticator.tokens.verdict(credential, shared.identities, nil, on: nil)
        }
        switch verdict {
        case .bad: throw .needsKey
        case .wait, .unavailable:
            throw AdministrationProblem(.tokenKeysUnavailable, "The keys of the token's issuer cannot be had just now.")
        case .good(_, nil):
            throw AdministrationProblem(.forbidden, "The tenant that this token names is none of this gateway.")
        case .good(let identity, let principal?):
            try check(principal)
            return AdministrationActor(identity, principal, address: address?.ipAddress)
        }
    }

    private func check(_ principal: Principal) throws(AdministrationProblem) {
        guard !principal.isSuspended else {
            throw AdministrationProblem(.forbidden, "The tenant of this key is suspended.")
        }
        guard principal.scopes.contains(.admin) else {
            throw AdministrationProblem(.forbidden, "This key administers nothing. Use one with the scope admin.")
        }
    }
}

extension AdministrationProblem {
    fileprivate static func refused(_ refusal: Refusal) -> AdministrationProblem {
        let isConflict = refusal.body.code == RequestFault.conflictingCredentials.rawValue
        return AdministrationProblem(isConflict ? .conflictingCredentials : .forbidden, refusal.body.message)
    }

    /// No key, or none that holds; one text for all (B14).
    fileprivate static var needsKey: AdministrationProblem {
        AdministrationProblem(
            .unauthenticated,
            "Send a key with the scope admin. On the machine itself, `torii keys create` makes one without a key."
        )
    }
}

/// A request to the administration, with the address that it came from.
struct AdministrationContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: SocketAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress
    }
}
