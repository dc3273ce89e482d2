/// How a token may be signed: with a key pair, whose public half its issuer publishes.
///
/// There is no `none` and none with a shared secret, so that no word in a token's header can choose one (B15).
package enum TokenAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// What is taken where nobody says otherwise.
    package static let usual: [TokenAlgorithm] = [.rs256, .es256, .ps256, .edDSA]

    /// The kind of key that it needs, as a key set names it: its `kty`, and its `crv` where there is one.
    var keyType: (type: String, curve: String?) {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: ("RSA", nil)
        case .es256: ("EC", "P-256")
        case .es384: ("EC", "P-384")
        case .es512: ("EC", "P-521")
        case .edDSA: ("OKP", "Ed25519")
        }
    }
}
