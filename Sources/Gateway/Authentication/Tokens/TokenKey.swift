import JWTKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One public key of an issuer, for the algorithms that it may be used with here.
final class TokenKey: Sendable {
    let id: String?
    /// What the key consists of, by which one that stays is known again.
    let material: [String]
    private let verifiers: [TokenAlgorithm: any JWTAlgorithm]

    init(id: String?, material: [String], verifiers: [TokenAlgorithm: any JWTAlgorithm]) {
        self.id = id
        self.material = material
        self.verifiers = verifiers
    }

    /// Whether the token was signed with this key; the algorithm has to be one that the key is for, whatever the token says.
    ///
    /// Computes, and waits for nothing.
    func verifies(_ token: TokenText) -> Bool {
        guard let verifier = verifiers[token.algorithm] else { return false }
        return (try? verifier.verify(token.signature, signs: token.signed)) ?? false  // What cannot be verified is not.
    }

    /// Whether another key is the same one under the same name.
    func isSame(as other: TokenKey) -> Bool {
        id == other.id && material == other.material && Set(verifiers.keys) == Set(other.verifiers.keys)
    }
}
