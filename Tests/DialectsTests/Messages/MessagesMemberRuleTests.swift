import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Members of a Messages request")
struct MessagesMemberRuleTests {
    /// A request with one member set to a value, and what makes that member valid.
    private func caller(_ name: String, _ value: JSONValue) throws -> CallerRequest {
        var root: JSONObject = [
            "model": "m", "max_tokens": 4096, "messages": [["role": "user", "content": "hi"]],
        ]
        if name == "tool_choice" { root["tools"] = [["name": "f", "input_schema": ["type": "object"]]] }
        root[name] = value
        return try CallerRequest(JSONValue.object(root).bytes, endpoint: .messages)
    }

    @Test("each has the fate that its rule tells", arguments: [Dialect.chat, .responses, .ollama])
    func fates(_ dialect: Dialect) throws {
        for rule in Messages.memberRules {
            let caller = try caller(rule.name, rule.sample)
            do throws(InferenceError) {
                let translation = try Translation(caller, to: dialect, provider: "p", model: "up")
                let fate: MemberRule.Fate = translation.dropped.contains(rule.name) ? .hint : .carried
                #expect(fate == rule.fate(at: dialect), "\(rule.name) at \(dialect.rawValue)")
            } catch {
                #expect(rule.fate(at: dialect) == .refused, "\(rule.name) at \(dialect.rawValue): \(error.message)")
                #expect(error.detail == "unsupported_by_provider")
            }
        }
    }

    @Test("one that asks for what happens anyway is left out without a word", arguments: [Dialect.chat, .ollama])
    func defaults(_ dialect: Dialect) throws {
        for rule in Messages.memberRules {
            for value in rule.defaults {
                let translation = try Translation(caller(rule.name, value), to: dialect, provider: "p", model: "up")
                #expect(!translation.dropped.contains(rule.name), "\(rule.name)")
            }
        }
    }

    @Test("one that nobody knows is refused by name")
    func unknown() throws {
        let caller = try caller("future", 1)
        let error = #expect(throws: InferenceError.self) { try MessagesWire.translate(caller, to: .chat) }
        #expect(error?.field == "future")
    }

    @Test("no rule is told twice")
    func once() {
        let names = Messages.memberRules.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
