import JSON
import JWTKit

/// The public keys of an issuer at one moment (RFC 7517); never changed, only replaced whole.
final class TokenKeySet: Sendable {
    private let keys: [String: TokenKey]
    /// For tokens that name no key; nil where there is more than one.
    private let only: TokenKey?
    /// How many can be used.
    let count: Int
    /// Why keys of the set are not used, one sentence each.
    let leftOut: [String]

    /// Reads a key set; keys that are for something else are not used, nor are two of one name, of which nobody could
    /// say which is meant.
    ///
    /// One without any key that can be used is a set all the same: so its issuer takes all of them out.
    ///
    /// - Throws: `TokenKeyProblem` where it is none, or too large.
    init(_ bytes: [UInt8], for algorithms: [TokenAlgorithm]) async throws(TokenKeyProblem) {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(bytes, limits: JSONLimits(depth: 16)).root } catch {
            throw TokenKeyProblem("the key set is no JSON: \(error.message)")
        }
        guard let list = root["keys"], list.kind == .array else {
            throw TokenKeyProblem("the key set has no list keys")
        }
        var found: [TokenKey] = []
        var leftOut: [String] = []
        for (index, element) in list.elements.enumerated() {
            guard index < Self.mostKeys else {
                throw TokenKeyProblem("the key set has more than \(Self.mostKeys) keys")
            }
            do throws(TokenKeyProblem) {
                found.append(try await TokenKey(element, for: algorithms))
            } catch {
                leftOut.append("key \(index) is not used: \(error.reason)")
            }
        }
        var keys: [String: TokenKey] = [:]
        var doubled: Set<String> = []
        for key in found {
            guard let id = key.id else { continue }
            if keys.updateValue(key, forKey: id) != nil { doubled.insert(id) }
        }
        for id in doubled { keys[id] = nil }
        if !doubled.isEmpty {
            leftOut.append("\(doubled.count) names stand for more than one key each, which are not used")
        }
        self.keys = keys
        only = found.count == 1 ? found.first : nil
        count = max(keys.count, only == nil ? 0 : 1)
        self.leftOut = leftOut
    }

    /// What is wrong of it; nil where each of its keys can be used.
    var problem: String? {
        if count == 0 {
            return (["the key set has no key that can be used"] + leftOut.prefix(3)).joined(separator: "; ")
        }
        return leftOut.isEmpty ? nil : leftOut.joined(separator: "; ")
    }

    /// The key of a name, or the only one for a token that names none.
    func key(_ id: String?) -> TokenKey? {
        guard let id else { return only }
        return keys[id]
    }

    private static let mostKeys = 100
}

/// Why the keys of an issuer cannot be had; never holds a secret.
package struct TokenKeyProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    package var description: String { reason }
}

extension TokenKey {
    /// Reads one key of a set.
    ///
    /// - Throws: `TokenKeyProblem` for one that is for something else than signatures, is of another kind than every algorithm needs,
    ///   or tells its private half.
    fileprivate convenience init(_ view: JSONView, for algorithms: [TokenAlgorithm]) async throws(TokenKeyProblem) {
        guard let type = view["kty"]?.string else { throw TokenKeyProblem("it has no kty") }
        if let use = view["use"], !use.isString("sig") { throw TokenKeyProblem("it is not for signatures") }
        if let uses = view["key_ops"], !uses.elements.contains(where: { $0.isString("verify") }) {
            throw TokenKeyProblem("it is not for verifying")
        }
        guard ["d", "p", "q", "k"].allSatisfy({ view[$0] == nil }) else {
            throw TokenKeyProblem("it holds what must be secret")
        }
        var id: String?
        if let name = view["kid"] {
            guard let text = name.string, TokenText.isKeyID(text) else {
                throw TokenKeyProblem("its kid cannot be one")
            }
            id = text
        }
        let material = ["crv", "n", "e", "x", "y"].map { view[$0]?.string ?? "" }
        var verifiers: [TokenAlgorithm: any JWTAlgorithm] = [:]
        var reason = "its kty \(type.prefix(16)) is of none of the algorithms"
        for algorithm in algorithms where algorithm.keyType.type == type {
            if let curve = algorithm.keyType.curve, view["crv"]?.isString(curve) != true { continue }
            if let named = view["alg"], !named.isString(algorithm.rawValue) {
                reason = "its alg is none of the algorithms"
                continue
            }
            do {
                verifiers[algorithm] = try await Self.verifier(view, algorithm)
            } catch {
                // RSA keys of less than 2,048 bits among others.
                throw TokenKeyProblem("it is broken or too short")
            }
        }
        guard !verifiers.isEmpty else { throw TokenKeyProblem(reason) }
        self.init(id: id, material: material, verifiers: verifiers)
    }

    private static func verifier(_ view: JSONView, _ algorithm: TokenAlgorithm) async throws -> any JWTAlgorithm {
        func text(_ name: String) -> String? { view[name]?.string }
        let id = JWKIdentifier(string: "key")
        let named = JWK.Algorithm(rawValue: algorithm.rawValue)
        let key: JWK =
            switch algorithm.keyType.type {
            case "RSA": .rsa(named, identifier: id, modulus: text("n"), exponent: text("e"))
            case "EC":
                .ecdsa(
                    named,
                    identifier: id,
                    x: text("x"),
                    y: text("y"),
                    curve: algorithm.keyType.curve.flatMap { ECDSACurve(rawValue: $0) }
                )
            default: .octetKeyPair(named, identifier: id, x: text("x"), y: nil, curve: .ed25519)
            }
        // A collection of one key alone: it never falls back to another key, and its answer needs no waiting afterwards.
        let collection = try await JWTKeyCollection().add(jwk: key)
        return try await collection.getKey(for: id, alg: algorithm.rawValue)
    }
}
