import Crypto
import CryptoExtras
import Foundation

@testable import Gateway

/// An issuer of tokens as a test plays it: three keys and two that are seldom, and tokens that are right or wrong in every part.
struct TestIssuer: Sendable {
    static let name = "https://id.example/realms/corp"
    /// Making a key of RSA takes a while.
    private static let made = Result { try TestIssuer() }

    static func shared() throws -> TestIssuer { try made.get() }

    let rsa: _RSA.Signing.PrivateKey
    let ec = P256.Signing.PrivateKey()
    let ec384 = P384.Signing.PrivateKey()
    let ec521 = P521.Signing.PrivateKey()
    let ed = Curve25519.Signing.PrivateKey()

    init() throws { rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    /// A member of a header or of the claims, its value as JSON.
    typealias Member = (name: String, json: String)

    // MARK: Keys

    func rsaKey(kid: String? = "rsa", alg: String? = "RS256", more: String = "") throws -> String {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        let alg = alg.map { #","alg":"\#($0)""# } ?? ""
        return
            #"{"kty":"RSA"\#(Self.kid(kid))\#(alg),"n":"\#(Self.text(numbers.modulus))","e":"\#(Self.text(numbers.publicExponent))"\#(more)}"#
    }

    func ecKey(kid: String? = "ec", more: String = #","use":"sig""#) -> String {
        let point = ec.publicKey.x963Representation.dropFirst()
        let (x, y) = (Self.text(point.prefix(32)), Self.text(point.suffix(32)))
        return #"{"kty":"EC","crv":"P-256"\#(Self.kid(kid)),"x":"\#(x)","y":"\#(y)"\#(more)}"#
    }

    /// The keys of the two larger curves.
    func largeKeys() -> [String] {
        [
            Self.curveKey("P-384", kid: "ec384", ec384.publicKey.x963Representation),
            Self.curveKey("P-521", kid: "ec521", ec521.publicKey.x963Representation),
        ]
    }

    private static func curveKey(_ curve: String, kid: String, _ point: Data) -> String {
        let numbers = point.dropFirst()
        let (x, y) = (text(numbers.prefix(numbers.count / 2)), text(numbers.suffix(numbers.count / 2)))
        return #"{"kty":"EC","crv":"\#(curve)","kid":"\#(kid)","x":"\#(x)","y":"\#(y)"}"#
    }

    func edKey(kid: String? = "ed") -> String {
        #"{"kty":"OKP","crv":"Ed25519"\#(Self.kid(kid)),"x":"\#(Self.text(ed.publicKey.rawRepresentation))"}"#
    }

    /// The key set with all of them.
    func keySet() throws -> String { Self.set([try rsaKey(), ecKey(), edKey()]) }

    static func set(_ keys: [String]) -> String { #"{"keys":[\#(keys.joined(separator: ","))]}"# }

    private static func kid(_ kid: String?) -> String { kid.map { #","kid":"\#($0)""# } ?? "" }

    // MARK: Tokens

    /// The claims of a good token; `changes` take the place of members, and a nil takes one away.
    static func claims(
        at now: Int = WallClockSeconds.now,
        lasts: Int = 300,
        _ changes: [String: String?] = [:]
    ) -> String {
        var claims: [String: String] = [
            "iss": #""\#(name)""#, "aud": #"["torii","other"]"#, "sub": #""alice""#, "org": #""acme""#,
            "iat": "\(now)", "exp": "\(now + lasts)",
        ]
        for (name, json) in changes { claims[name] = json }
        return object(claims.sorted { $0.key < $1.key }.map { (name: $0.key, json: $0.value) })
    }

    static func object(_ members: [Member]) -> String {
        "{" + members.map { #""\#($0.name)":\#($0.json)"# }.joined(separator: ",") + "}"
    }

    /// A token with these very bytes as its header and claims.
    func token(header: String, claims: String, sign: (String) throws -> Data) rethrows -> String {
        let signed = Self.text(Data(header.utf8)) + "." + Self.text(Data(claims.utf8))
        return signed + "." + Self.text(try sign(signed))
    }

    /// A token that is signed by one of the keys.
    func token(
        _ algorithm: String = "ES256",
        kid: String?? = nil,
        header: [Member] = [],
        _ claims: String = TestIssuer.claims()
    ) throws -> String {
        var members: [Member] = [(name: "alg", json: #""\#(algorithm)""#)]
        if let kid = kid ?? Self.usualKeyID(algorithm) { members.append((name: "kid", json: #""\#(kid)""#)) }
        return try token(header: Self.object(members + header), claims: claims) { try sign($0, algorithm) }
    }

    /// The name of the key that signs by an algorithm.
    static func usualKeyID(_ algorithm: String) -> String {
        switch algorithm {
        case "ES256": "ec"
        case "ES384": "ec384"
        case "ES512": "ec521"
        case "EdDSA": "ed"
        default: "rsa"
        }
    }

    func sign(_ text: String, _ algorithm: String) throws -> Data {
        let data = Data(text.utf8)
        return switch algorithm {
        case "RS256": try rsa.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
        case "RS384": try rsa.signature(for: SHA384.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
        case "RS512": try rsa.signature(for: SHA512.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
        case "PS256": try rsa.signature(for: SHA256.hash(data: data), padding: .PSS).rawRepresentation
        case "PS384": try rsa.signature(for: SHA384.hash(data: data), padding: .PSS).rawRepresentation
        case "PS512": try rsa.signature(for: SHA512.hash(data: data), padding: .PSS).rawRepresentation
        case "ES384": try ec384.signature(for: data).rawRepresentation
        case "ES512": try ec521.signature(for: data).rawRepresentation
        case "EdDSA": try ed.signature(for: data)
        default: try ec.signature(for: data).rawRepresentation
        }
    }

    static func text(_ data: some Sequence<UInt8>) -> String {
        Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

enum WallClockSeconds {
    static var now: Int { Int(Date().timeIntervalSince1970) }
}

/// Everything that can be wrong of a token, each with a signature as good as it can have.
enum TokenAttack: String, CaseIterable, Sendable {
    case algorithmNone, algorithmNoneSigned, algorithmMissing, algorithmTwice, algorithmNotAllowed
    /// HMAC with the public key as the secret, in three spellings of the key.
    case publicKeyAsSecret, publicKeyTextAsSecret, modulusAsSecret
    case otherAlgorithmOfTheKey, keyOfAnotherKind
    case jku, jwk, x5u, x5c, critical, unencodedPayload, compressed, nested
    case keyIDOfAPath, keyIDOfSQL, keyIDTooLong, keyIDWithControl, keyIDNoText, keyIDUnknown, keyIDMissing
    case typeOfALogout
    case wrongAudience, noAudience, audienceAsObject, wrongIssuer, issuerInOtherCase, noIssuer, claimTwice,
        escapedClaimTwice
    case expired, noExpiry, expiryAsText, expiryTooLarge, notYet, issuedInFuture, noSubject, userWithControl
    case otherPayload, otherHeader, brokenSignature, noSignature, foreignKey, shortSignature
    case padded, wrongAlphabet, leftOverBits, fourParts, fiveParts, noJSON, byteOrderMark, trailingText, tooLong

    /// The token, where `issuer` is whom the gateway trusts.
    func token(_ issuer: TestIssuer) throws -> String {
        let good = try issuer.token()
        func header(_ name: String, _ json: String) throws -> String {
            try issuer.token(header: [(name: name, json: json)])
        }
        func claims(_ changes: [String: String?]) throws -> String {
            try issuer.token("ES256", TestIssuer.claims(changes))
        }
        func kid(_ json: String) throws -> String {
            try issuer.token(header: #"{"alg":"ES256","kid":\#(json)}"#, claims: TestIssuer.claims()) {
                try issuer.sign($0, "ES256")
            }
        }
        func hmac(_ secret: Data) -> String {
            issuer.token(header: #"{"alg":"HS256","kid":"rsa"}"#, claims: TestIssuer.claims()) {
                Data(HMAC<SHA256>.authenticationCode(for: Data($0.utf8), using: SymmetricKey(data: secret)))
            }
        }
        let parts = good.split(separator: ".").map(String.init)
        let now = WallClockSeconds.now
        switch self {
        case .algorithmNone:
            return issuer.token(header: #"{"alg":"none"}"#, claims: TestIssuer.claims()) { _ in Data() }
        case .algorithmNoneSigned:
            return try issuer.token(header: #"{"alg":"none","kid":"ec"}"#, claims: TestIssuer.claims()) {
                try issuer.sign($0, "ES256")
            }
        case .algorithmMissing:
            return try issuer.token(header: #"{"kid":"ec"}"#, claims: TestIssuer.claims()) {
                try issuer.sign($0, "ES256")
            }
        case .algorithmTwice:
            return try issuer.token(header: #"{"alg":"none","kid":"ec","alg":"ES256"}"#, claims: TestIssuer.claims()) {
                try issuer.sign($0, "ES256")
            }
        case .algorithmNotAllowed: return try issuer.token("RS384", kid: "all")
        case .publicKeyAsSecret: return hmac(issuer.rsa.publicKey.derRepresentation)
        case .publicKeyTextAsSecret: return hmac(Data(issuer.rsa.publicKey.pemRepresentation.utf8))
        case .modulusAsSecret: return hmac(try issuer.rsa.publicKey.getKeyPrimitives().modulus)
        case .otherAlgorithmOfTheKey: return try issuer.token("PS256", kid: "rsa")
        case .keyOfAnotherKind: return try issuer.token("RS256", kid: "ec")
        case .jku: return try header("jku", #""https://evil.example/keys""#)
        case .jwk: return try header("jwk", issuer.ecKey())
        case .x5u: return try header("x5u", #""https://evil.example/chain""#)
        case .x5c: return try header("x5c", #"["MIIB"]"#)
        case .critical: return try header("crit", #"["exp"]"#)
        case .unencodedPayload: return try header("b64", "false")
        case .compressed: return try header("zip", #""DEF""#)
        case .nested: return try header("cty", #""JWT""#)
        case .keyIDOfAPath: return try kid(#""../../../../dev/null""#)
        case .keyIDOfSQL: return try kid(#""ec' OR '1'='1""#)
        case .keyIDTooLong: return try kid("\"\(String(repeating: "k", count: 300))\"")
        case .keyIDWithControl: return try kid(#""ec\u0000""#)
        case .keyIDNoText: return try kid(#"["ec"]"#)
        case .keyIDUnknown: return try kid(#""gone""#)
        case .keyIDMissing: return try issuer.token(kid: .some(nil))
        case .typeOfALogout: return try header("typ", #""logout+jwt""#)
        case .wrongAudience: return try claims(["aud": #""other""#])
        case .noAudience: return try claims(["aud": nil])
        case .audienceAsObject: return try claims(["aud": #"{"torii":true}"#])
        case .wrongIssuer: return try claims(["iss": #""https://id.example/realms/other""#])
        case .issuerInOtherCase: return try claims(["iss": #""https://ID.example/realms/corp""#])
        case .noIssuer: return try claims(["iss": nil])
        case .claimTwice:
            let text = TestIssuer.claims().dropLast() + #","org":"other"}"#
            return try issuer.token("ES256", String(text))
        case .escapedClaimTwice:
            let text = TestIssuer.claims().dropLast() + #","\u006frg":"other"}"#
            return try issuer.token("ES256", String(text))
        case .expired: return try claims(["exp": "\(now - 120)"])
        case .noExpiry: return try claims(["exp": nil])
        case .expiryAsText: return try claims(["exp": "\"\(now + 300)\""])
        case .expiryTooLarge: return try claims(["exp": "1e400"])
        case .notYet: return try claims(["nbf": "\(now + 120)"])
        case .issuedInFuture: return try claims(["iat": "\(now + 120)"])
        case .noSubject: return try claims(["sub": nil])
        case .userWithControl: return try claims(["sub": #""ali\u0000ce""#])
        case .otherPayload:
            return [parts[0], TestIssuer.text(TestIssuer.claims(["org": #""other""#]).utf8), parts[2]].joined(
                separator: "."
            )
        case .otherHeader:
            return [TestIssuer.text(#"{"kid":"ec","alg":"ES256"}"#.utf8), parts[1], parts[2]].joined(separator: ".")
        case .brokenSignature: return good.dropLast(4) + (good.hasSuffix("AAAA") ? "BBBB" : "AAAA")
        case .noSignature: return parts[0] + "." + parts[1] + "."
        case .foreignKey:
            let foreign = P256.Signing.PrivateKey()
            return try issuer.token(header: #"{"alg":"ES256","kid":"ec"}"#, claims: TestIssuer.claims()) {
                try foreign.signature(for: Data($0.utf8)).rawRepresentation
            }
        case .shortSignature: return parts[0] + "." + parts[1] + "." + parts[2].prefix(40)
        case .padded: return good + "=="
        case .wrongAlphabet: return parts[0] + "." + parts[1] + ".+/" + parts[2].dropFirst(2)
        case .leftOverBits:
            // A signature of 64 bytes leaves four bits over in its last letter.
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = letters.firstIndex(of: parts[2].last ?? "A") ?? 0
            return String(good.dropLast()) + String(letters[last + 1])
        case .fourParts: return good + ".e30"
        case .fiveParts: return "eyJhbGciOiJkaXIifQ..e30.e30.e30"
        case .noJSON: return try issuer.token("ES256", "not JSON")
        case .byteOrderMark: return try issuer.token("ES256", "\u{FEFF}" + TestIssuer.claims())
        case .trailingText: return try issuer.token("ES256", TestIssuer.claims() + " {}")
        case .tooLong: return try claims(["fill": "\"\(String(repeating: "x", count: 17_000))\""])
        }
    }
}
