import JSON

/// A signed token in its compact form (RFC 7515 section 3.1), read strictly and not verified yet.
///
/// Whatever a header could ask for beyond one algorithm of the list and a key's name is refused before anything is
/// verified (B15): no key and no address of keys comes from a token.
struct TokenText {
    let algorithm: TokenAlgorithm
    let keyID: String?
    /// The claims.
    let payload: JSONView
    /// What the signature is of.
    let signed: [UInt8]
    let signature: [UInt8]

    /// Whether a credential has the form of a token at all; no key of ours has.
    static func isToken(_ credential: Substring) -> Bool {
        credential.utf8.starts(with: "eyJ".utf8) && credential.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// Reads a token; nil for everything that is none, or asks for what is not done here.
    init?(_ credential: Substring) {
        let bytes = Array(credential.utf8)
        guard bytes.count <= Self.longest, Self.isToken(credential) else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let payload = Self.object(parts[1]),
            let signature = Base64URL.decode(parts[2]), !signature.isEmpty
        else { return nil }
        guard let algorithm = header["alg"]?.string.flatMap(TokenAlgorithm.init), Self.isPlain(header) else {
            return nil
        }
        if let name = header["kid"] {
            guard let name = name.string, Self.isKeyID(name) else { return nil }
            keyID = name
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.payload = payload
        self.signature = signature
        signed = Array(bytes[..<parts[1].endIndex])
    }

    /// Whether a key's name is short and of signs that nothing else reads a meaning into.
    static func isKeyID(_ text: String) -> Bool {
        (1...longestKeyID).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Whether a header asks for nothing but a signature's verification, of a token that is one of access or identity.
    private static func isPlain(_ header: JSONView) -> Bool {
        guard refused.allSatisfy({ header[$0] == nil }) else { return false }
        guard let type = header["typ"] else { return true }
        return type.string.map { types.contains($0.lowercased()) } ?? false
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONView? {
        guard let bytes = Base64URL.decode(part),
            let document = try? JSONDocument(bytes, limits: JSONLimits(depth: 16)),
            document.root.kind == .object
        else { return nil }
        return document.root
    }

    /// Header members that name keys, change what is signed, or must be understood.
    private static let refused = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc", "epk"]
    private static let types: Set<String> = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]
    /// Bytes.
    private static let longest = 16 << 10
    private static let longestKeyID = 256
}

/// RFC 4648 section 5, without padding, as RFC 7515 wants it.
enum Base64URL {
    /// The bytes of a text; nil for another alphabet, for padding, and for bits that are left over and not zero.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var (bits, count): (UInt32, Int) = (0, 0)
        for byte in text {
            guard let value = value(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        // Two texts for the same bytes would be two tokens for one signature.
        return bits & (1 << UInt32(count) - 1) == 0 ? bytes : nil
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
