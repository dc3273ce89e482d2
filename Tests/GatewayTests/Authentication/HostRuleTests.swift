import Providers
import Testing

@testable import Gateway

@Suite("The rule for Host and Origin")
struct HostRuleTests {
    private func passes(_ rule: HostRule, _ fields: [(String, String)]) -> Bool {
        do throws(Refusal) {
            try rule.check(CallerFields(Fields(fields)))
            return true
        } catch {
            return false
        }
    }

    @Test("a listener off loopback without a list takes every well-formed name")
    func openListener() {
        let rule = HostRule(listener: "0.0.0.0", allowed: [])
        #expect(passes(rule, [("host", "anything.example:1")]))
        #expect(!passes(rule, [("host", "any thing")]))
        #expect(!passes(rule, []))
    }

    @Test("a list closes a listener off loopback, but for the names of this machine")
    func listedListener() {
        let rule = HostRule(listener: "10.0.0.1", allowed: ["gate.example"])
        #expect(passes(rule, [("host", "gate.example")]))
        #expect(passes(rule, [("host", "10.0.0.1:8787")]))
        #expect(passes(rule, [("host", "localhost")]))
        #expect(!passes(rule, [("host", "other.example")]))
    }

    @Test(
        "what counts as loopback",
        arguments: [
            ("localhost", true), ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("127.0.0", false),
            ("127.0.0.256", false),
            ("128.0.0.1", false), ("0.0.0.0", false), ("::", false), ("127.0.0.1.evil", false),
            ("localhost.evil", false), ("", false),
        ]
    )
    func loopback(_ host: String, _ isLoopback: Bool) {
        #expect(Loopback.isLoopback(host) == isLoopback)
    }
}
