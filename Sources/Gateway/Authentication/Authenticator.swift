import Dialects
import NIOCore
package import Providers

/// Decides who may ask: the holder of a key that was issued, or of one of the static client keys; anybody on loopback
/// where there is neither.
package struct Authenticator: Sendable {
    private let keys: [[UInt8]]
    private let owners: [Owner]
    /// Whether callers without a key are served while there are no keys.
    private let servesAnonymous: Bool

    package init(keys: [Secret], servesAnonymous: Bool = true) {
        self.servesAnonymous = servesAnonymous
        let keys = keys.filter { !$0.isEmpty }
        self.keys = keys.map { Array($0.reveal().utf8) }
        owners = keys.map { Owner(key: $0) }
    }

    /// The name by which a caller's things are kept.
    func owner(of identity: ClientIdentity) -> Owner {
        switch identity {
        case .anonymous: .anonymous
        case .key(let place): owners[place]
        case .issued(let key): key.principal.owner
        }
    }

    /// Checks the caller's credential in `Authorization: Bearer`, `x-api-key` or `api-key`, and says whose it is.
    ///
    /// - Throws: `Refusal` 401 for a missing or wrong key, with one text for both (B14); 400 for two that disagree;
    ///   403 for an anonymous caller that somebody else forwarded, and for a key that asks no models.
    func authenticate(
        _ fields: CallerFields,
        _ identities: IdentitySnapshot,
        from address: @autoclosure () -> SocketAddress?
    ) throws(Refusal) -> ClientIdentity {
        let credential = try Self.credential(in: fields)
        if keys.isEmpty, !identities.isInUse, servesAnonymous {
            try refuseForwarded(fields)
            return .anonymous
        }
        guard let credential else { throw .unauthenticated }
        if let key = identities.key(credential, from: address()) {
            guard !key.principal.isSuspended else { throw .suspended }
            guard key.principal.scopes.contains(.models) else {
                throw Refusal(.forbidden, "This key asks no models. Use one with the scope models.")
            }
            return .issued(key)
        }
        guard let place = place(of: Array(credential.utf8)) else { throw .unauthenticated }
        return .key(place)
    }

    /// The one key that a request carries.
    static func credential(in fields: CallerFields) throws(Refusal) -> Substring? {
        try one(try one(fields.bearer, fields.xAPIKey), fields.apiKey).map { $0[...] }
    }

    private static func one(_ first: String?, _ second: String?) throws(Refusal) -> String? {
        guard let first, let second else { return first ?? second }
        guard first.utf8.elementsEqual(second.utf8) else {
            throw Refusal(.conflictingCredentials, "The request carries two keys that disagree. Send one.")
        }
        return first
    }

    /// The place of a key among all; compares with every one in a time that does not depend on where they differ.
    private func place(of credential: [UInt8]) -> Int? {
        var place: Int?
        for (number, key) in keys.enumerated() {
            var difference = UInt(bitPattern: key.count ^ credential.count)
            for index in key.indices {
                difference |= UInt(key[index] ^ (index < credential.count ? credential[index] : 0))
            }
            if difference == 0 { place = number }
        }
        return place
    }

    /// Loopback proves nothing about a caller whom a proxy on this machine let in.
    private func refuseForwarded(_ fields: CallerFields) throws(Refusal) {
        guard fields.isForwarded else { return }
        throw Refusal(.forbidden, "A forwarded request needs a client key. Set server.keys and send one of them.")
    }
}
