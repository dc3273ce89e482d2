import JSON
import Testing

@testable import Gateway

@Suite("Keys that are issued")
struct KeyTests {
    @Test("a key has its id in it, is shown once, and only a hash of it is kept")
    func shownOnce() throws {
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        let made = try office.make(.keys, #"{"label":"first","role":"operator"}"#)
        #expect(made.key.hasPrefix("sk-torii-\(made.id)-") && made.key.utf8.count == 62)
        #expect(try office.identity(made.key)?.id == made.id)
        let secret = made.key.suffix(40)
        for path in ["keys", "keys/\(made.id)", "audit"] {
            #expect(try !office.ask("GET", path).text.contains(secret), "\(path)")
        }
        for file in ["identity.sqlite", "identity.sqlite-wal", "identity.key"] {
            #expect(try scratch.mode(file) == 0o600, "\(file)")
            #expect(!scratch.bytes(file).contains(Array(secret.utf8)), "\(file)")
        }
    }

    @Test(
        "B14: what is not exactly a key that holds is none",
        arguments: [
            "", "sk-torii-", "sk-torii-abc-def", "' OR 1=1 --", "sk-torii-%-%", String(repeating: "k", count: 1 << 20),
        ]
    )
    func others(_ text: String) throws {
        let office = try Office()
        let key = try office.key(#"{"label":"k","role":"operator"}"#)
        #expect(try office.identity(text) == nil)
        let other = try office.key(#"{"label":"l","role":"operator"}"#)
        let mixed = key.prefix(22) + other.dropFirst(22)
        for wrong in [String(key.dropLast()), key + "A", key.uppercased(), " " + key, String(mixed)] {
            #expect(try office.identity(wrong) == nil, "\(wrong)")
        }
        #expect(try office.identity(key) != nil && office.identity(other) != nil)
    }

    @Test("T10: an expired key is none, to the millisecond")
    func expiry() throws {
        let office = try Office()
        let key = try office.key(#"{"label":"k","role":"operator","expires_at":"2027-01-15T08:00:10Z"}"#)
        office.pass(seconds: 9)
        #expect(try office.identity(key) != nil)
        office.pass(seconds: 1)
        #expect(try office.identity(key) == nil)
        let over = try office.ask("POST", "keys", #"{"label":"k","role":"operator","expires_at":"2027-01-15"}"#)
        #expect(over.status == 400 && over.code == "invalid_value")
    }

    @Test("T10: a rotated key and its successor both hold until the overlap ends, and a revoked one not at all")
    func rotation() throws {
        let office = try Office()
        let made = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
        let rotated = try office.ask("POST", "keys/\(made.id)/rotate", #"{"overlap":60}"#)
        #expect(rotated.status == 200 && rotated.id == made.id && rotated.key != made.key)
        office.pass(seconds: 59)
        #expect(try office.identity(made.key) != nil && office.identity(rotated.key) != nil)
        office.pass(seconds: 1)
        #expect(try office.identity(made.key) == nil && office.identity(rotated.key) != nil)

        let again = try office.ask("POST", "keys/\(made.id)/rotate", #"{"overlap":0}"#)
        #expect(try office.identity(rotated.key) == nil && office.identity(again.key) != nil)

        let last = try office.ask("POST", "keys/\(made.id)/rotate")
        #expect(try office.identity(again.key) != nil)
        #expect(try office.ask("POST", "keys/\(made.id)/revoke").status == 200)
        #expect(try office.identity(again.key) == nil && office.identity(last.key) == nil)
        #expect(try office.ask("POST", "keys/\(made.id)/revoke").status == 200)
        #expect(try office.ask("POST", "keys/\(made.id)/rotate").code == "revoked")
        #expect(try office.store.snapshot().isInUse)
        #expect(try office.ask("DELETE", "keys/\(made.id)").status == 204)
        #expect(try office.ids("keys").isEmpty && office.store.snapshot().isInUse)
    }

    @Test("a key that is bound to addresses holds from there alone")
    func addresses() throws {
        let office = try Office()
        let body = #"{"label":"k","role":"operator","addresses":["10.0.0.0/8","192.0.2.7","2001:db8::/32"]}"#
        let key = try office.key(body)
        for (address, holds) in [
            ("10.1.2.3", true), ("11.0.0.1", false), ("192.0.2.7", true), ("192.0.2.8", false),
            ("2001:db8:1::1", true), ("2001:db9::1", false), ("::ffff:10.9.9.9", true), ("::ffff:11.9.9.9", false),
        ] {
            #expect(try (office.identity(key, from: address) != nil) == holds, "\(address)")
        }
        #expect(try office.identity(key) == nil)
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "localhost", "", "10.0.0", "::1/129",
            "1.2.3.4/8/8",
        ]
    )
    func badRanges(_ text: String) throws {
        #expect(AddressRange(text) == nil)
        let reply = try Office().ask("POST", "keys", #"{"label":"k","role":"operator","addresses":["\#(text)"]}"#)
        #expect(reply.code == "invalid_value" && reply.root["field"]?.string == "addresses")
    }

    @Test("B16: hashes that were made with another key than the one beside them are not used")
    func otherKey() throws {
        let scratch = try Scratch()
        let key = try Office(in: scratch.path).key(#"{"label":"k","role":"operator"}"#)
        #expect(try Office(in: scratch.path).identity(key) != nil)
        try scratch.write(String(repeating: "x", count: 32), to: "identity.key")
        #expect(throws: StoreFileProblem.self) { try Office(in: scratch.path) }
        try scratch.write("", to: "identity.key")
        #expect(throws: StoreFileProblem.self) { try Office(in: scratch.path) }
    }

    @Test("the last use is noted, from one picture of the keys to the next")
    func lastUse() throws {
        let office = try Office()
        let made = try office.make(.keys, #"{"label":"k","role":"operator"}"#)
        let first = try office.store.snapshot()
        #expect(first.key(made.key[...], from: nil) != nil)
        try office.make(.tenants, #"{"name":"t"}"#)
        let second = try office.store.snapshot(after: first)
        #expect(second.keys[made.id]?.use.take() == true && second.keys[made.id]?.use.take() == false)
        try office.store.noteUses(of: [made.id])
        let shown = try office.ask("GET", "keys/\(made.id)")
        #expect(shown.root["last_used_at"]?.string == "2027-01-15T08:00:00Z")
        #expect(try office.store.snapshot().revision == second.revision)
    }
}
