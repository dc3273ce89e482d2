/// A key as its holder has it: `sk-torii-<id>-<secret>`.
///
/// The id finds what is kept of it and is no secret; what is kept is a keyed hash of the whole text.
package struct KeyText: Sendable, Hashable {
    package let id: String
    /// The whole text, which is shown once and never kept.
    package let text: String

    /// Reads a credential; nil for what has not the form of such a key, before anything is looked up (B14).
    init?(_ credential: Substring) {
        let bytes = credential.utf8
        guard bytes.count == Self.length, bytes.starts(with: Self.prefix.utf8) else { return nil }
        let rest = bytes.dropFirst(Self.prefix.utf8.count)
        guard rest.dropFirst(Self.idLength).first == UInt8(ascii: "-"),
            rest.prefix(Self.idLength).allSatisfy(Self.isIDByte)
        else { return nil }
        id = String(decoding: rest.prefix(Self.idLength), as: UTF8.self)
        text = String(credential)
    }

    /// A new key with an id, and a secret of 238 bits.
    init(id: String, using generator: inout some RandomNumberGenerator) {
        self.id = id
        let secret = Self.text(of: Self.secretLength, Self.secretAlphabet, using: &generator)
        text = "\(Self.prefix)\(id)-\(secret)"
    }

    /// A new id, which the store has to see whether it is free.
    static func newID(using generator: inout some RandomNumberGenerator) -> String {
        text(of: idLength, idAlphabet, using: &generator)
    }

    private static func text(
        of length: Int,
        _ alphabet: [UInt8],
        using generator: inout some RandomNumberGenerator
    ) -> String {
        String(
            decoding: (0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] },
            as: UTF8.self
        )
    }

    private static func isIDByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static let prefix = "sk-torii-"
    static let idLength = 12
    private static let secretLength = 40
    private static let length = prefix.utf8.count + idLength + 1 + secretLength
    private static let idAlphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let secretAlphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
}
