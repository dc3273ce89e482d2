import JSON
import NIOCore
import Providers

/// Takes signed tokens for credentials: finds the issuer, the key and the claims of each.
///
/// Part of one configuration. Nothing here waits: where a key may have to be fetched first, what there is to wait for is
/// the answer.
struct TokenVerifier: Sendable {
    private let issuers: [TokenIssuer]
    /// One for each issuer.
    let sources: [TokenKeySource]
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int

    init(
        _ issuers: [TokenIssuer],
        sources: [TokenKeySource],
        clock: @escaping @Sendable () -> Int = WallClock.milliseconds
    ) {
        precondition(issuers.count == sources.count, "each issuer has a source of keys")
        self.issuers = issuers
        self.sources = sources
        self.clock = clock
    }

    /// Whether any token can be good.
    var isEmpty: Bool { issuers.isEmpty }

    /// What comes of a token.
    enum Verdict {
        /// It stands for somebody; the principal is nil where his tenant is none of this installation.
        case good(OutsideIdentity, Principal?)
        /// It is none that holds, for whatever reason (B15).
        case bad
        case unavailable(retryAfter: Int)
        case wait(EventLoopFuture<Void>)
    }

    /// Verifies a token, or finds what came of it before.
    ///
    /// `eventLoop` is where the one who asks may wait; nil for one who has waited already.
    func verdict(
        _ credential: Substring,
        _ identities: IdentitySnapshot,
        _ cache: TokenCache?,
        on eventLoop: (any EventLoop)?
    ) -> Verdict {
        let now = clock()
        let digest = cache.map { _ in TokenDigest(credential) }
        if let cache, let digest, let entry = cache[digest], let known = renewed(entry, identities) {
            guard known.grant.isTimely(now) else { return .bad }
            if !known.isSame(as: entry) { cache[digest] = known }
            return .good(known.grant.identity, known.principal)
        }
        guard let token = TokenText(credential),
            let place = issuers.firstIndex(where: { token.payload["iss"]?.isString($0.issuer) ?? false }),
            issuers[place].algorithms.contains(token.algorithm)
        else { return .bad }
        let source = sources[place]
        let version = source.newestVersion
        switch source.lookup(token.keyID, on: eventLoop) {
        case .absent: return .bad
        case .unavailable(let seconds): return .unavailable(retryAfter: seconds)
        case .wait(let future): return .wait(future)
        case .key(let key):
            guard key.verifies(token), let grant = TokenGrant(token.payload, of: issuers[place], now: now) else {
                return .bad
            }
            let entry = TokenCache.Entry(
                grant: grant,
                key: key,
                keyID: token.keyID,
                source: source,
                version: version,
                principal: identities.scopes.principal(of: grant.identity),
                revision: identities.revision
            )
            if let cache, let digest { cache[digest] = entry }
            return .good(grant.identity, entry.principal)
        }
    }

    /// What is known of a token that was good before, brought up to date; nil where its key is not there any more.
    private func renewed(_ entry: TokenCache.Entry, _ identities: IdentitySnapshot) -> TokenCache.Entry? {
        var entry = entry
        if !entry.source.isUnchanged(since: entry.version) {
            let version = entry.source.newestVersion
            guard case .key(let key) = entry.source.lookup(entry.keyID, on: nil), key.isSame(as: entry.key) else {
                return nil
            }
            (entry.key, entry.version) = (key, version)
        }
        if entry.revision != identities.revision {
            entry.principal = identities.scopes.principal(of: entry.grant.identity)
            entry.revision = identities.revision
        }
        return entry
    }
}

/// The tokens that were good lately, of one event loop and one configuration; each by its digest, so that no token is
/// kept.
///
/// Two halves take turns: when the younger one is full, the older is forgotten, and what is asked for moves to the younger.
final class TokenCache {
    struct Entry {
        let grant: TokenGrant
        var key: TokenKey
        let keyID: String?
        let source: TokenKeySource
        /// Of the key set.
        var version: Int
        var principal: Principal?
        /// Of the identities that the principal comes from.
        var revision: Int

        func isSame(as other: Entry) -> Bool { version == other.version && revision == other.revision }
    }

    private let half: Int
    private var younger: [TokenDigest: Entry] = [:]
    private var older: [TokenDigest: Entry] = [:]

    init(limit: Int = 4_096) { half = max(1, limit / 2) }

    var count: Int { younger.count + older.count }

    /// Whether a token is among them, which moves it nowhere.
    func holds(_ digest: TokenDigest) -> Bool { younger.keys.contains(digest) || older.keys.contains(digest) }

    subscript(digest: TokenDigest) -> Entry? {
        get {
            if let entry = younger[digest] { return entry }
            guard let entry = older.removeValue(forKey: digest) else { return nil }
            insert(entry, digest)
            return entry
        }
        set {
            guard let newValue else { return }
            older[digest] = nil
            insert(newValue, digest)
        }
    }

    private func insert(_ entry: Entry, _ digest: TokenDigest) {
        if younger.count >= half, younger[digest] == nil { (older, younger) = (younger, [:]) }
        younger[digest] = entry
    }
}
