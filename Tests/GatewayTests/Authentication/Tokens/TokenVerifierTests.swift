import Crypto
import NIOCore
import Testing

@testable import Gateway

@Suite("Signed tokens")
struct TokenVerifierTests {
    /// A verifier that takes every algorithm, with a key for each; that of RSA is for one alone.
    private static func bench(_ issuer: TestIssuer, rsa: TokenAlgorithm) throws -> TokenBench {
        let keys = [try issuer.rsaKey(alg: rsa.rawValue), issuer.ecKey(), issuer.edKey()] + issuer.largeKeys()
        return try TokenBench(TestIssuer.set(keys)) { $0.algorithms = TokenAlgorithm.allCases }
    }

    @Test("a token of each algorithm is good, once and again", arguments: TokenAlgorithm.allCases)
    func good(_ algorithm: TokenAlgorithm) async throws {
        let issuer = try TestIssuer.shared()
        let bench = try Self.bench(issuer, rsa: algorithm.keyType.type == "RSA" ? algorithm : .rs256)
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token(algorithm.rawValue)
            for _ in 0..<2 { #expect(try await bench.ask(token, identities, cache) == .good("acme")) }
            #expect(cache.count == 1)
            #expect(try await bench.ask(token, identities) == .good("acme"))
        }
    }

    @Test("B15: a key is for its own algorithm, and a signature for the one that its token names", arguments: crossed)
    func crossedAlgorithms(_ pair: Crossed) async throws {
        let issuer = try TestIssuer.shared()
        let (own, other) = (pair.own.rawValue, pair.other.rawValue)
        let kid = TestIssuer.usualKeyID(own)
        let bench = try Self.bench(issuer, rsa: pair.own.keyType.type == "RSA" ? pair.own : .rs256)
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            // The other one's signature under the own one's name, the own key under the other's, and both crossed.
            for (named, signed) in [(own, other), (other, other), (other, own)] {
                let header = #"{"alg":"\#(named)","kid":"\#(kid)"}"#
                let token = try issuer.token(header: header, claims: TestIssuer.claims()) {
                    try issuer.sign($0, signed)
                }
                let word = try await bench.ask(token, identities)
                #expect(word == .bad, "\(named) \(signed)")
            }
            let header = #"{"alg":"\#(own)","kid":"\#(kid)"}"#
            let good = try issuer.token(header: header, claims: TestIssuer.claims()) { try issuer.sign($0, own) }
            #expect(try await bench.ask(good, identities) == .good("acme"))
        }
    }

    struct Crossed: Sendable {
        let own: TokenAlgorithm
        let other: TokenAlgorithm
    }

    /// Each algorithm with another one: of its own key's kind where there is one.
    private static let crossed: [Crossed] = TokenAlgorithm.allCases.map { own in
        let other: TokenAlgorithm =
            switch own {
            case .rs256: .ps256
            case .rs384: .rs256
            case .rs512: .rs384
            case .ps256: .rs256
            case .ps384: .ps256
            case .ps512: .rs512
            case .es256: .es384
            case .es384: .es512
            case .es512: .es256
            case .edDSA: .es256
            }
        return Crossed(own: own, other: other)
    }

    @Test("a key that names no algorithm is for each of the list that it fits; PS256 is one")
    func anyOfTheList() async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(TestIssuer.set([try issuer.rsaKey(alg: nil)]))
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            for algorithm in ["RS256", "PS256"] {
                let word = try await bench.ask(try issuer.token(algorithm), identities)
                #expect(word == .good("acme"))
            }
            #expect(try await bench.ask(try issuer.token("RS384"), identities) == .bad)
        }
    }

    @Test("a token without a key's name is good where there is one key alone")
    func onlyKey() async throws {
        let issuer = try TestIssuer.shared()
        let identities = try Office.withTenants().store.snapshot()
        let token = try issuer.token(kid: .some(nil))
        for keys in [[issuer.ecKey(kid: nil)], [issuer.ecKey()]] {
            let bench = try TokenBench(TestIssuer.set(keys))
            let word = try await bench.run { try await bench.ask(token, identities) }
            #expect(word == .good("acme"))
        }
    }

    @Test("B15: no token is good that is wrong in one part", arguments: TokenAttack.allCases)
    func attacks(_ attack: TokenAttack) async throws {
        let issuer = try TestIssuer.shared()
        let keys = [try issuer.rsaKey(), try issuer.rsaKey(kid: "all", alg: nil), issuer.ecKey(), issuer.edKey()]
        let bench = try TokenBench(TestIssuer.set(keys))
        let identities = try Office.withTenants().store.snapshot()
        let token = try attack.token(issuer)
        try await bench.run {
            bench.pass(seconds: 1)
            let word = try await bench.ask(token, identities)
            #expect(word == .bad)
            // And it is no other than a good one in that part alone.
            #expect(try await bench.ask(try issuer.token(), identities) == .good("acme"))
        }
    }

    @Test("B15: two keys of one name are none, in either order")
    func doubledKeyID() async throws {
        let issuer = try TestIssuer.shared()
        let foreign = try TestIssuer()
        let identities = try Office.withTenants().store.snapshot()
        for keys in [
            [issuer.ecKey(), foreign.ecKey()], [foreign.ecKey(), issuer.ecKey()], [issuer.ecKey(), issuer.ecKey()],
        ] {
            let bench = try TokenBench(TestIssuer.set(keys + [issuer.edKey()]))
            try await bench.run {
                let word = try await bench.ask(try issuer.token(), identities)
                #expect(word == .bad)
                #expect(try await bench.ask(try issuer.token("EdDSA"), identities) == .good("acme"))
            }
        }
    }

    @Test(
        "B15: keys that are for something else, tell their secret or are too short are not used",
        arguments: [
            #","use":"enc""#, #","key_ops":["sign"]"#, #","d":"AAAA""#, #","alg":"ES384""#, #","k":"AAAA""#,
        ]
    )
    func unusable(_ more: String) async throws {
        let issuer = try TestIssuer.shared()
        let set = TestIssuer.set([issuer.ecKey(more: more), issuer.edKey()])
        let keys = try await TokenKeySet(Array(set.utf8), for: TokenAlgorithm.usual)
        #expect(keys.key("ec") == nil && keys.key("ed") != nil && keys.leftOut.count == 1)
    }

    @Test("B15: a short key of RSA, a shared secret and a point that is none are not used")
    func broken() async throws {
        let issuer = try TestIssuer.shared()
        let short = #"{"kty":"RSA","kid":"a","n":"\#(String(repeating: "w", count: 170))","e":"AQAB"}"#
        let secret = #"{"kty":"oct","kid":"b","alg":"HS256","x":"AAAA"}"#
        let point = #"{"kty":"EC","crv":"P-256","kid":"c","x":"AAAA","y":"AAAA"}"#
        let set = TestIssuer.set([short, secret, point, issuer.edKey()])
        let keys = try await TokenKeySet(Array(set.utf8), for: TokenAlgorithm.usual)
        #expect(["a", "b", "c"].allSatisfy { keys.key($0) == nil } && keys.leftOut.count == 3)
        for text in [#"{"keys":[]}"#, TestIssuer.set([secret]), TestIssuer.set([issuer.edKey(), issuer.edKey()])] {
            let none = try await TokenKeySet(Array(text.utf8), for: TokenAlgorithm.usual)
            #expect(none.count == 0 && none.key("b") == nil && none.key("ed") == nil && none.key(nil) == nil)
            #expect(none.problem?.contains("no key that can be used") == true)
        }
        let many = TestIssuer.set(Array(repeating: secret, count: 101))
        for text in ["", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, many] {
            await #expect(throws: TokenKeyProblem.self) {
                _ = try await TokenKeySet(Array(text.utf8), for: TokenAlgorithm.usual)
            }
        }
    }

    // MARK: Claims

    struct Case: Sendable {
        var claims: [String: String]
        var rules: [IdentityRule] = []
        var role: String?
        var tenant: String? = "org"
        var expected: String
    }

    @Test(
        "claims and rules say the tenant, the role and the scopes; by default the least",
        arguments: [
            Case(claims: [:], expected: "acme member models"),
            Case(claims: ["roles": #"["tenant-admin"]"#], role: "roles", expected: "acme tenant-admin admin models"),
            Case(claims: ["roles": #"["viewer","member"]"#], role: "roles", expected: "acme member admin models"),
            Case(claims: ["roles": #"["operator"]"#], role: "roles", expected: "acme member models"),
            Case(claims: ["r": #"{"a":{"roles":["viewer"]}}"#], role: "r.a.roles", expected: "acme viewer admin"),
            Case(claims: ["https://x.y/roles": #""viewer""#], role: "https://x.y/roles", expected: "acme viewer admin"),
            Case(
                claims: ["groups": #"["admins-eu"]"#],
                rules: [IdentityRule(subject: "groups", value: "admins-*", role: .operator)],
                expected: "none operator admin models"
            ),
            Case(
                claims: ["groups": #"["not admins"]"#],
                rules: [IdentityRule(subject: "groups", value: "admins", role: .operator)],
                expected: "acme member models"
            ),
            Case(
                claims: ["scope": #""openid torii.admin""#],
                rules: [IdentityRule(subject: "scope", value: "torii.admin", role: .tenantAdmin)],
                expected: "acme tenant-admin admin models"
            ),
            Case(
                claims: ["hd": #""other.example""#],
                rules: [
                    IdentityRule(subject: "hd", value: "none.example", tenant: "acme"),
                    IdentityRule(subject: "hd", value: "other.example", tenant: "other", role: .viewer),
                    IdentityRule(tenant: "acme", role: .tenantAdmin),
                ],
                expected: "other viewer admin"
            ),
            Case(
                claims: ["repository": #""acme/x""#, "groups": #"["admins"]"#],
                rules: [
                    IdentityRule(subject: "repository", value: "acme/*", tenant: "acme"),
                    IdentityRule(subject: "groups", value: "admins", tenant: "other", role: .tenantAdmin),
                ],
                expected: "acme member models"
            ),
            Case(
                claims: ["repository": #""acme/x""#, "groups": #"["admins"]"#],
                rules: [
                    IdentityRule(subject: "groups", value: "admins", tenant: "other", role: .tenantAdmin),
                    IdentityRule(subject: "repository", value: "acme/*", tenant: "acme"),
                ],
                expected: "other tenant-admin admin models"
            ),
            Case(
                claims: ["repository": #""acme/x""#, "groups": #"["admins"]"#],
                rules: [
                    IdentityRule(subject: "repository", value: "acme/*", tenant: "acme"),
                    IdentityRule(subject: "groups", value: "admins", tenant: "other", role: .operator),
                    IdentityRule(subject: "groups", value: "admins", role: .viewer),
                ],
                expected: "acme viewer admin"
            ),
            Case(
                claims: ["groups": #"["admins"]"#],
                rules: [
                    IdentityRule(subject: "groups", value: "admins", role: .viewer),
                    IdentityRule(subject: "groups", value: "admins", tenant: "other", role: .tenantAdmin),
                ],
                expected: "other viewer admin"
            ),
            Case(claims: ["org": #""none""#], expected: "homeless"),
            Case(claims: ["org": "7"], expected: "homeless"),
            Case(claims: [:], tenant: nil, expected: "homeless"),
            Case(
                claims: ["email_verified": "true"],
                rules: [IdentityRule(subject: "email_verified", value: "true", tenant: "other")],
                expected: "other member models"
            ),
        ]
    )
    func identities(_ one: Case) async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(try issuer.keySet()) {
            $0.rules = one.rules
            $0.claims = TokenIssuer.Claims(tenant: one.tenant, role: one.role)
        }
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            let token = try issuer.token("ES256", TestIssuer.claims(one.claims.mapValues { $0 }))
            var found = "bad"
            switch bench.verifier.verdict(token[...], identities, nil, on: nil) {
            case .good(_, let principal?):
                let scopes = principal.scopes.map(\.rawValue).sorted()
                found = ([principal.tenantName ?? "none", principal.role.rawValue] + scopes).joined(separator: " ")
            case .good: found = "homeless"
            default: break
            }
            #expect(found == one.expected)
        }
    }

    @Test("a user of the tenant gives his team, his policies and what is kept for him; whoever is none owns by himself")
    func users() async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(try issuer.keySet())
        let office = try Office.withTenants()
        try office.make(.policies, #"{"tenant":"acme","team":"builders","label":"p","models":["m"]}"#)
        let key = try office.identity(try office.key(#"{"tenant":"acme","user":"alice","label":"k"}"#))
        let identities = try office.store.snapshot()
        try await bench.run {
            func principal(_ claims: [String: String?]) throws -> Principal? {
                let token = try issuer.token("ES256", TestIssuer.claims(claims))
                guard case .good(_, let found) = bench.verifier.verdict(token[...], identities, nil, on: nil) else {
                    return nil
                }
                return found
            }
            let alice = try #require(try principal([:]))
            #expect(alice.team == key?.principal.team && alice.user == key?.principal.user && alice.team != nil)
            #expect(alice.owner == key?.principal.owner)
            #expect(alice.rights.allow("m", of: "house") && !alice.rights.allow("n", of: "house"))
            let bob = try #require(try principal(["sub": #""bob""#]))
            #expect(bob.user == nil && bob.rights.isUnrestricted && bob.owner != alice.owner)
            // One subject in two tenants is two, and composed and decomposed spellings are (T12).
            let elsewhere = try #require(try principal(["sub": #""bob""#, "org": #""other""#]))
            #expect(elsewhere.owner != bob.owner)
            let composed = try #require(try principal(["sub": "\"b\u{E9}\""]))
            let decomposed = try #require(try principal(["sub": "\"be\u{301}\""]))
            #expect(!composed.owner.name.utf8.elementsEqual(decomposed.owner.name.utf8))
        }
    }

    // MARK: Time

    @Test("F16: a token may be late or early by its issuer's leeway, and that is a minute at most")
    func leeway() async throws {
        let issuer = try TestIssuer.shared()
        let identities = try Office.withTenants().store.snapshot()
        #expect(
            TokenIssuer(issuer: "i", audiences: [], keys: .file("/"), leeway: .seconds(3_600)).leeway == .seconds(60)
        )
        let bench = try TokenBench(try issuer.keySet()) { $0.leeway = .seconds(60) }
        try await bench.run {
            let now = bench.seconds
            for (changes, word) in [
                (["exp": "\(now - 59)"], TokenBench.Word.good("acme")), (["exp": "\(now - 61)"], .bad),
                (["nbf": "\(now + 59)"], .good("acme")), (["nbf": "\(now + 62)"], .bad),
                (["iat": "\(now + 59)"], .good("acme")), (["iat": "\(now + 62)"], .bad),
                (["exp": "\(now).5", "nbf": "\(now - 1).25"], .good("acme")),
            ] {
                let token = try issuer.token("ES256", TestIssuer.claims(at: now, changes.mapValues { $0 }))
                #expect(try await bench.ask(token, identities) == word, "\(changes)")
            }
        }
    }

    @Test(
        "F16: a clock that is set by a day refuses tokens while it is wrong, kept ones too, and fetches no keys for it"
    )
    func clockSet() async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(try issuer.keySet())
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token("ES256", TestIssuer.claims(at: bench.seconds))
            #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            for shift in [86_400, -86_400] {
                bench.setClock(by: shift)
                #expect(try await bench.ask(token, identities, cache) == .bad)
                bench.setClock(by: -shift)
                #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            }
            #expect(bench.served.value.fetches == 1)
        }
    }

    @Test("a token that was good ends with its expiry and its leeway, also where it is kept")
    func expires() async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(try issuer.keySet())
        let identities = try Office.withTenants().store.snapshot()
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token("ES256", TestIssuer.claims(at: bench.seconds, lasts: 100))
            #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            bench.pass(seconds: 129)
            #expect(try await bench.ask(token, identities, cache) == .good("acme"))
            bench.pass(seconds: 1)
            #expect(try await bench.ask(token, identities, cache) == .bad)
        }
    }

    @Test("what is kept of tokens is bounded, and what is in use stays")
    func bounded() throws {
        let cache = TokenCache(limit: 8)
        let issuer = try TestIssuer.shared()
        let source = try TokenBench(nil).source
        let claims = try #require(TokenText(try issuer.token()[...])).payload
        let settings = TokenIssuer(issuer: TestIssuer.name, audiences: ["torii"], keys: .file("/"))
        let grant = try #require(TokenGrant(claims, of: settings, now: WallClockSeconds.now * 1_000))
        let entry = TokenCache.Entry(
            grant: grant,
            key: TokenKey(id: nil, material: [], verifiers: [:]),
            keyID: nil,
            source: source,
            version: 0,
            principal: nil,
            revision: 0
        )
        let used = TokenDigest("used")
        cache[used] = entry
        for number in 0..<100 {
            cache[TokenDigest("\(number)")] = entry
            #expect(cache[used] != nil && cache.count <= 8)
        }
        #expect(cache[TokenDigest("0")] == nil)
    }

    @Test("what a store's change says of a tenant counts for tokens that are kept")
    func refreshed() async throws {
        let issuer = try TestIssuer.shared()
        let bench = try TokenBench(try issuer.keySet())
        let office = try Office.withTenants()
        try await bench.run {
            let cache = TokenCache()
            let token = try issuer.token()
            #expect(try await bench.ask(token, try office.store.snapshot(), cache) == .good("acme"))
            try office.ask("PATCH", "tenants/acme", #"{"status":"suspended"}"#)
            let identities = try office.store.snapshot()
            guard case .good(_, let principal?) = bench.verifier.verdict(token[...], identities, cache, on: nil) else {
                Issue.record("the token holds, and its tenant is suspended")
                return
            }
            #expect(principal.isSuspended)
        }
    }
}
