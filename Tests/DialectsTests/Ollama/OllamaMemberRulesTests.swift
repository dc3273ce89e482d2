import Inference
import JSON
import Testing

@testable import Dialects

@Suite("The fate of an Ollama client's members")
struct OllamaMemberRulesTests {
    /// A body that says this and what else it takes to mean something.
    private static func body(_ name: String, _ value: JSONValue, _ endpoint: Endpoint) -> [UInt8] {
        var root: JSONObject = ["model": "m"]
        if endpoint == .ollamaGenerate {
            root["prompt"] = "hi"
        } else {
            root["messages"] = [["role": "user", "content": "hi"]]
        }
        if name.hasPrefix(Ollama.optionPrefix) {
            root["options"] = .object([String(name.dropFirst(Ollama.optionPrefix.count)): value])
        } else {
            root[name] = value
        }
        return JSONValue.object(root).bytes
    }

    private static func endpoint(_ rule: MemberRule) -> Endpoint {
        ["prompt", "system", "images"].contains(rule.name) ? .ollamaGenerate : .ollamaChat
    }

    @Test("every member has the fate that its rule tells", arguments: Dialect.allCases)
    func fates(_ dialect: Dialect) {
        for rule in Ollama.memberRules {
            let body = Self.body(rule.name, rule.sample, Self.endpoint(rule))
            let short = rule.name.split(separator: ".").last.map(String.init) ?? rule.name
            do throws(InferenceError) {
                let caller = try CallerRequest(body, endpoint: Self.endpoint(rule))
                let dropped = try Translation(caller, to: dialect, provider: "p", model: "m").dropped
                let isDropped = dropped.contains(rule.name) || dropped.contains(short)
                let fate = rule.fate(at: dialect)
                #expect(fate == (isDropped ? .hint : .carried), "\(rule.name) at \(dialect): \(dropped)")
            } catch {
                #expect(rule.fate(at: dialect) == .refused, "\(rule.name) at \(dialect): \(error.message)")
                #expect(error.code == .invalidRequest)
            }
        }
    }

    @Test("what asks for what happens anyway is dropped without a word", arguments: Dialect.allCases)
    func defaults(_ dialect: Dialect) throws {
        for rule in Ollama.memberRules where rule.name != "model" {
            for value in rule.defaults + [.null] {
                let endpoint = Self.endpoint(rule)
                // A prompt of nothing is another request.
                guard rule.name != "prompt" else { continue }
                let caller = try CallerRequest(Self.body(rule.name, value, endpoint), endpoint: endpoint)
                guard !caller.request.messages.isEmpty else { continue }
                #expect(try Translation(caller, to: dialect, provider: "p", model: "m").dropped.isEmpty, "\(rule.name)")
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
