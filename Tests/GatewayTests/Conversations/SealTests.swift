import Providers
import Testing

@testable import Gateway

@Suite("The seal of compactions")
struct SealTests {
    private static let owner = Owner(name: "one")

    @Test("what was sealed opens again, for its owner and with its key alone")
    func opens() {
        let seal = Seal(.fresh())
        for text in ["", "a summary", String(repeating: "é\n", count: 10_000)] {
            let sealed = seal.close(text, for: Self.owner)
            #expect(Seal.isOurs(sealed) && sealed.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(seal.open(sealed, for: Self.owner) == text)
            #expect(seal.open(sealed, for: Owner(name: "two")) == nil)
            #expect(Seal(.fresh()).open(sealed, for: Self.owner) == nil)
        }
        #expect(seal.close("same", for: Self.owner) != seal.close("same", for: Self.owner))
    }

    @Test("not one character of it can be changed")
    func tampered() {
        let seal = Seal(.fresh())
        let sealed = Array(seal.close("a summary", for: Self.owner))
        // The last character has bits that mean nothing.
        let meant = sealed.prefix { $0 != "=" }.dropLast()
        for place in meant.indices {
            var changed = sealed
            changed[place] = changed[place] == "A" ? "B" : "A"
            #expect(seal.open(String(changed), for: Self.owner) == nil)
        }
        for length in 0..<sealed.count { #expect(seal.open(String(sealed[..<length]), for: Self.owner) == nil) }
    }

    @Test("a secret is the same key everywhere, and a file's key is made once, for its user alone")
    func keys() throws {
        let secret = Secret("0123456789abcdef")
        let sealed = Seal(SealingKey(secret)).close("s", for: Self.owner)
        #expect(Seal(SealingKey(secret)).open(sealed, for: Self.owner) == "s")
        let scratch = try Scratch()
        let path = scratch.path + "/torii/seal.key"
        let kept = Seal(try SealingKey(file: path)).close("s", for: Self.owner)
        #expect(Seal(try SealingKey(file: path)).open(kept, for: Self.owner) == "s")
        #expect(try scratch.mode("torii/seal.key") == 0o600)
        try scratch.write("short", to: "torii/seal.key")
        #expect(throws: StoreFileProblem.self) { try SealingKey(file: path) }
    }

    @Test("an owner's name is the same each time and tells nothing of the key")
    func owners() {
        let key = Secret("sk-client-0123456789")
        #expect(Owner(key: key) == Owner(key: key) && Owner(key: key) != Owner(key: Secret("other")))
        #expect(!Owner(key: key).name.contains("client"))
    }
}
