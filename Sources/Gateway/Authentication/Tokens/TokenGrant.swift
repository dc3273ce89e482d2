import JSON

/// What a token says that was verified: whose it is, and when it holds; nothing of it comes from this installation.
final class TokenGrant: Sendable {
    /// Whom it stands for, by its issuer's word.
    let identity: OutsideIdentity
    /// Milliseconds since 1970, the leeway within.
    private let expiresAt: Int
    private let beginsAt: Int

    /// Reads the claims of a token whose signature is good.
    ///
    /// Nil where they are not for this gateway, not for this time, or do not say who somebody is.
    init?(_ claims: JSONView, of issuer: TokenIssuer, now: Int) {
        guard Self.isFor(issuer.audiences, claims["aud"]) else { return nil }
        let leeway = Int(issuer.leeway / .milliseconds(1))
        guard let end = Self.time(claims["exp"]) else { return nil }
        var begin = Int.min
        for name in ["nbf", "iat"] {
            guard let view = claims[name] else { continue }
            guard let time = Self.time(view) else { return nil }
            begin = max(begin, time - leeway)
        }
        guard let subject = Self.text(claims["sub"]), let user = Self.text(claims.claim(issuer.claims.user)) else {
            return nil
        }
        let ruled = issuer.rules.verdict { claims.claim($0)?.words(ofScopes: $0 == "scope" || $0 == "scp") ?? [] }
        let claimed = issuer.claims.role.flatMap { Self.role(claims.claim($0)?.words(ofScopes: false) ?? []) }
        let named = ruled.role ?? claimed
        let role = named ?? .member
        identity = OutsideIdentity(
            tenant: role == .operator
                ? nil : ruled.tenant ?? Self.text(issuer.claims.tenant.flatMap { claims.claim($0) }),
            user: user,
            // Neither an issuer nor a subject of another one can end in the same words: an address has no #.
            name: "token:\(issuer.issuer)#\(subject)",
            label: user,
            role: role,
            // To administer is nothing that somebody may by not being mentioned.
            scopes: named == nil ? [.models] : Set(role.usualScopes)
        )
        expiresAt = end + leeway
        beginsAt = begin
        guard isTimely(now) else { return nil }
    }

    /// Whether it has begun and not expired; milliseconds since 1970.
    func isTimely(_ now: Int) -> Bool { now >= beginsAt && now < expiresAt }

    private static func isFor(_ audiences: [String], _ claim: JSONView?) -> Bool {
        guard let claim else { return false }
        switch claim.kind {
        case .string: return audiences.contains { claim.isString($0) }
        case .array: return claim.elements.contains { element in audiences.contains { element.isString($0) } }
        default: return false
        }
    }

    /// A NumericDate (RFC 7519 section 2) in milliseconds.
    private static func time(_ view: JSONView?) -> Int? {
        guard let seconds = view?.double, seconds >= 0, seconds < 1e11 else { return nil }
        return Int(seconds * 1_000)
    }

    /// The greatest of the roles that words name; that of an operator comes of a rule alone.
    private static func role(_ words: [String]) -> Role? {
        let roles = words.compactMap { Role(rawValue: $0) }
        return [Role.tenantAdmin, .member, .viewer].first { roles.contains($0) }
    }

    private static func text(_ view: JSONView?) -> String? {
        guard let text = view?.string, isName(text) else { return nil }
        return text
    }

    /// One line that is not empty and not long.
    private static func isName(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}

extension JSONView {
    /// A claim by its name, or by a way of names with dots between them, such as `realm_access.roles`.
    ///
    /// A name that holds dots itself, as those that are addresses do, goes before such a way.
    func claim(_ name: String) -> JSONView? {
        if let view = self[name] { return view }
        guard let dot = name.firstIndex(of: "."), let next = self[String(name[..<dot])] else { return nil }
        return next.claim(String(name[name.index(after: dot)...]))
    }

    /// The texts of a list, or the one text; flags and numbers as they are written.
    ///
    /// `ofScopes` is for OAuth's `scope`, which has its words in one text; a group's name may hold blanks and is one.
    func words(ofScopes isScopes: Bool) -> [String] {
        switch kind {
        case .array: elements.filter { $0.kind != .array }.flatMap { $0.words(ofScopes: false) }
        case .string: string.map { isScopes ? $0.split(separator: " ").map(String.init) : [$0] } ?? []
        case .bool, .number: [String(decoding: raw, as: UTF8.self)]
        default: []
        }
    }
}
