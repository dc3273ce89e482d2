import Crypto

/// Makes of a key what is kept of it: HMAC-SHA256 under a key of the installation's own.
struct KeyHasher: Sendable {
    /// The hash of no key.
    static let nothing = [UInt8](repeating: 0, count: 32)

    private let key: SymmetricKey

    init(_ key: SealingKey) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.key,
            info: Array("torii keys 1".utf8),
            outputByteCount: 32
        )
    }

    func hash(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }

    /// Whether a text has this hash, in a time that does not depend on where they differ.
    func matches(_ text: String, _ hash: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(hash, authenticating: Array(text.utf8), using: key)
    }

    /// A digest of some texts and a body, by which a request is known again.
    func digest(of texts: [String], _ body: [UInt8]) -> [UInt8] {
        var hash = HMAC<SHA256>(key: key)
        for text in texts { hash.update(data: Array("\(text.utf8.count) \(text)".utf8)) }
        hash.update(data: body)
        return Array(hash.finalize())
    }
}

extension AuditEntry {
    /// The entry's own hash, behind that of the entry before it.
    func chained(to previous: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: previous)
        for part in ["\(number)", "\(at)", actor, address, act, subject, tenant, before, after] {
            // Lengths keep a part from being read as the end of another; nil is no empty text.
            let text = part.map { "\($0.utf8.count):\($0)" } ?? "-"
            hash.update(data: Array(text.utf8))
        }
        return Array(hash.finalize())
    }
}
