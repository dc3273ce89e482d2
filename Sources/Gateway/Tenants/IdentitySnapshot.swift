import NIOCore

/// All keys at one moment; never changed, only replaced whole.
///
/// Each event loop has a reference of its own, as it has one of the configuration: a request takes no lock for it.
final class IdentitySnapshot: Sendable {
    /// Of callers without a key that was issued.
    static let implicitTenant = "local"

    /// Counts the administrative acts.
    let revision: Int
    /// Whether there is or ever was a tenant or a key, so that callers need a key.
    ///
    /// One that was revoked or deleted counts: taking the last key away opens nothing.
    let isInUse: Bool
    let keys: [String: IssuedKey]
    /// What tenants, teams and users bring to whoever belongs to them, by whatever credential.
    let scopes: IdentityScopes
    /// The prices that an administrator has set.
    let prices: PriceOverrides
    private let hasher: KeyHasher
    private let clock: @Sendable () -> Int

    init(
        revision: Int,
        isInUse: Bool,
        keys: [String: IssuedKey],
        scopes: IdentityScopes,
        prices: PriceOverrides = .none,
        hasher: KeyHasher,
        clock: @escaping @Sendable () -> Int
    ) {
        self.revision = revision
        self.isInUse = isInUse
        self.keys = keys
        self.scopes = scopes
        self.prices = prices
        self.hasher = hasher
        self.clock = clock
    }

    /// The key that a credential is, from an address from which it may be used; nil for every other one, alike (B14).
    func key(_ credential: Substring, from address: @autoclosure () -> SocketAddress?) -> IssuedKey? {
        guard !keys.isEmpty, let text = KeyText(credential) else { return nil }
        guard let key = keys[text.id] else {
            // An id that there is not takes as long as a wrong secret.
            _ = hasher.matches(text.text, KeyHasher.nothing)
            return nil
        }
        guard key.isOpened(by: text.text, hasher, now: clock()) else { return nil }
        guard !key.isBoundToAddresses || key.isUsable(from: address()) else { return nil }
        key.use.note()
        return key
    }

    /// Whether a credential is a key's newest secret, and not one that counts for a while beside it.
    func isCurrent(_ credential: Substring) -> Bool {
        guard let text = KeyText(credential), let key = keys[text.id] else { return false }
        return key.isCurrent(text.text, hasher)
    }

    /// Why what began for somebody must not go on.
    enum End {
        /// The key was revoked, or the tenant is not there any more.
        case gone
        case suspended
    }

    /// Whether what began for somebody has to end, and why (T11); a token that expires ends nothing that runs.
    func end(of identity: ClientIdentity) -> End? {
        let (before, now): (Principal, Principal?)
        switch identity {
        case .anonymous, .key: return nil
        case .issued(let key): (before, now) = (key.principal, keys[key.id]?.principal)
        case .outside(let identity, let principal): (before, now) = (principal, scopes.principal(of: identity))
        }
        guard let now, now.tenant == before.tenant else { return .gone }
        return now.isSuspended ? .suspended : nil
    }
}
