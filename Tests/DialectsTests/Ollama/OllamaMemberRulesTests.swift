import Inference
import JSON
import Testing

@testable import Dialects

@Suite("The fate of an Ollama client's members")
struct OllamaMemberRulesTests {
    /// A body that says this, if it says anything, and what else that takes to mean something.
    private static func body(_ name: String, _ value: JSONValue?, _ endpoint: Endpoint) -> [UInt8] {
        var root: JSONObject = ["model": "m"]
        if endpoint == .ollamaGenerate {
            root["prompt"] = "hi"
        } else {
            root["messages"] = [["role": "user", "content": "hi"]]
        }
        if name == "top_logprobs" { root["logprobs"] = true }
        guard let value else { return JSONValue.object(root).bytes }
        if name.hasPrefix(Ollama.optionPrefix) {
            root["options"] = .object([String(name.dropFirst(Ollama.optionPrefix.count)): value])
        } else {
            root[name] = value
        }
        return JSONValue.object(root).bytes
    }

    private static func translation(
        _ rule: MemberRule,
        _ value: JSONValue?,
        _ dialect: Dialect
    ) throws(InferenceError) -> Translation {
        let endpoint = endpoint(rule)
        let caller = try CallerRequest(body(rule.name, value, endpoint), endpoint: endpoint)
        return try Translation(caller, to: dialect, provider: "p", model: "m")
    }

    /// What translation does with a rule's sample; nil if it is neither sent on nor named.
    private static func fate(_ rule: MemberRule, _ dialect: Dialect) -> MemberRule.Fate? {
        let short = rule.name.split(separator: ".").last.map(String.init) ?? rule.name
        do throws(InferenceError) {
            let translation = try translation(rule, rule.sample, dialect)
            if translation.dropped.contains(where: { $0 == rule.name || $0 == short }) { return .hint }
            if ["model", "messages", "prompt"].contains(rule.name) { return .carried }
            let bare = try Self.translation(rule, nil, dialect)
            return translation.wire.body == bare.wire.body ? nil : .carried
        } catch {
            return .refused
        }
    }

    private static func endpoint(_ rule: MemberRule) -> Endpoint {
        ["prompt", "system", "images"].contains(rule.name) ? .ollamaGenerate : .ollamaChat
    }

    @Test("every member has the fate that its rule tells", arguments: Dialect.allCases)
    func fates(_ dialect: Dialect) {
        for rule in Ollama.memberRules {
            #expect(Self.fate(rule, dialect) == rule.fate(at: dialect), "\(rule.name)")
        }
    }

    @Test("what asks for what happens anyway is dropped without a word", arguments: Dialect.allCases)
    func defaults(_ dialect: Dialect) throws {
        for rule in Ollama.memberRules where !["model", "messages", "prompt", "top_logprobs"].contains(rule.name) {
            let bare = try Self.translation(rule, nil, dialect)
            for value in rule.defaults + [.null] {
                let translation = try Self.translation(rule, value, dialect)
                #expect(translation.dropped.isEmpty, "\(rule.name)")
                #expect(translation.wire.body == bare.wire.body, "\(rule.name)")
            }
        }
    }

    @Test("what no rule knows is refused by its name", arguments: Dialect.allCases)
    func unknown(_ dialect: Dialect) throws {
        for name in ["future", "options.future", "options.min_p "] {
            let caller = try CallerRequest(Self.body(name, 1, .ollamaChat), endpoint: .ollamaChat)
            let error = #expect(throws: InferenceError.self) {
                try Translation(caller, to: dialect, provider: "p", model: "m")
            }
            #expect(error?.field == name)
        }
        #expect(throws: InferenceError.self) {
            try OllamaSamples.caller(#"{"model":"m","messages":[],"options.temperature":1}"#)
        }
    }

    @Test("every name has one rule")
    func unique() {
        #expect(Set(Ollama.memberRules.map(\.name)).count == Ollama.memberRules.count)
    }
}
