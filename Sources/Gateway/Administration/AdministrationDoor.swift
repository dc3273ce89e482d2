import Dialects
import Hummingbird
import NIOCore
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
    func actor(_ request: Request, from address: SocketAddress?) throws(AdministrationProblem) -> AdministrationActor {
        try actor(request, from: address, isOpen: shared.snapshot.settings.clientKeys.isEmpty)
    }

    /// Who has the configuration read again: static keys are those of callers and administer nothing, so that they change
    /// nothing here.
    func checkOperator(_ request: Request, from address: SocketAddress?) throws(AdministrationProblem) {
        let actor = try actor(request, from: address, isOpen: true)
        guard actor.role == .operator else {
            throw AdministrationProblem(.forbidden, "Only an operator has the configuration read again.")
        }
    }

    private func actor(
        _ request: Request,
        from address: SocketAddress?,
        isOpen: Bool
    ) throws(AdministrationProblem) -> AdministrationActor {
        let fields = CallerFields(
            Fields(
                request.headers.map { ($0.name.canonicalName, $0.value) } + [("host", request.head.authority ?? "")]
            )
        )
        let credential: Substring?
        if let doubled = fields.doubled, ["authorization", "x-api-key", "api-key"].contains(doubled) {
            throw AdministrationProblem(.conflictingCredentials, "The \(doubled) field stands more than once.")
        }
        do throws(Refusal) {
            try HostRule(listener: host, allowed: shared.snapshot.settings.allowedHosts).check(fields)
            credential = try Authenticator.credential(in: fields)
        } catch {
            let code: AdministrationProblem.Code =
                error.body.code == RequestFault.conflictingCredentials.rawValue ? .conflictingCredentials : .forbidden
            throw AdministrationProblem(code, error.body.message)
        }
        let identities = shared.identities
        if isOpen, isLoopback, !identities.isInUse, !fields.isForwarded { return .loopback(address?.ipAddress) }
        guard let credential, let key = identities.key(credential, from: address) else {
            throw AdministrationProblem(
                .unauthenticated,
                "Send a key with the scope admin. On the machine itself, `torii keys create` makes one without a key."
            )
        }
        guard !key.principal.isSuspended else { throw AdministrationProblem(.forbidden, "The tenant of this key is suspended.") }
        guard key.principal.scopes.contains(.admin) else {
            throw AdministrationProblem(.forbidden, "This key administers nothing. Use one with the scope admin.")
        }
        // Whoever has found the old secret must not be the one who exchanges the new one.
        guard request.method == .get || identities.isCurrent(credential) else {
            throw AdministrationProblem(.forbidden, "This key was rotated. Use the new one to change anything.")
        }
        return AdministrationActor(key, address: address?.ipAddress)
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
