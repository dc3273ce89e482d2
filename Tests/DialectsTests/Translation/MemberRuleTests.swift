import Inference
import JSON
import Testing

@testable import Dialects

/// One member of one dialect's requests on its way to one provider.
struct MemberCase: Sendable, CustomTestStringConvertible {
    var caller: Dialect
    var provider: Dialect
    var rule: MemberRule

    var testDescription: String { "\(rule.name) from \(caller.rawValue) to \(provider.rawValue)" }

    static let all: [MemberCase] = Dialect.allCases.flatMap { caller in
        MemberRule.rules(of: caller).flatMap { rule in
            Dialect.allCases.filter { $0 != caller }.map { MemberCase(caller: caller, provider: $0, rule: rule) }
        }
    }
}

/// Holds the lists of members against what translation does with a sample of each.
@Suite("What becomes of the members of a request")
struct MemberRuleTests {
    /// A request that leaves room for any one member more.
    private static func plain(_ caller: Dialect) -> (endpoint: Endpoint, members: JSONObject) {
        let conversation: JSONValue = [["role": "user", "content": "hi"]]
        let schema: JSONValue = ["type": "object", "properties": [:]]
        let function: JSONValue = ["type": "function", "function": ["name": "f", "parameters": schema]]
        switch caller {
        case .chat: return (.chatCompletions, ["model": "m", "messages": conversation, "tools": [function]])
        case .responses:
            let tool: JSONValue = ["type": "function", "name": "f", "parameters": schema]
            return (.responses, ["model": "m", "input": "hi", "tools": [tool]])
        case .messages:
            let tool: JSONValue = ["name": "f", "input_schema": schema]
            return (.messages, ["model": "m", "max_tokens": 4096, "messages": conversation, "tools": [tool]])
        case .ollama: return (.ollamaChat, ["model": "m", "messages": conversation, "tools": [function]])
        }
    }

    /// Members that change the answer and not what the provider is asked.
    private static let answersAlone: Set<String> = [
        "stream_options", "store", "include", "previous_response_id", "model",
    ]

    /// A request that says this value, or would have room for it.
    private static func body(_ one: MemberCase, _ value: JSONValue?) -> (endpoint: Endpoint, members: JSONObject) {
        var (endpoint, members) = plain(one.caller)
        if one.caller == .ollama, ["prompt", "system", "images"].contains(one.rule.name) {
            (endpoint, members) = (.ollamaGenerate, ["model": "m", "prompt": "hello"])
        }
        // Means nothing alone.
        if one.rule.name == "top_logprobs", one.caller != .responses, value == one.rule.sample {
            members["logprobs"] = true
        }
        guard let value else { return (endpoint, members) }
        // A name with a dot is that of a member's member.
        let path = one.rule.name.split(separator: ".", maxSplits: 1).map(String.init)
        members[path[0]] = path.count == 1 ? value : .object([path[1]: value])
        return (endpoint, members)
    }

    private static func translate(_ one: MemberCase, _ value: JSONValue?) throws(InferenceError) -> Translation {
        let (endpoint, members) = body(one, value)
        let caller = try CallerRequest(JSONValue.object(members).bytes, endpoint: endpoint)
        return try Translation(caller, to: one.provider, provider: "p", model: "other")
    }

    /// What happens to a member; nil if it is lost in silence, or refused by another name.
    ///
    /// A part of a member may be left out and named while the member itself is carried.
    private static func fate(_ one: MemberCase) -> MemberRule.Fate? {
        let name = one.rule.name
        func isPart(_ path: String) -> Bool { path.hasPrefix(name + ".") || path.hasPrefix(name + "[") }
        do throws(InferenceError) {
            let translation = try translate(one, one.rule.sample)
            if translation.dropped.contains(name) { return .hint }
            let plain = try translate(one, nil)
            if translation.wire.body != plain.wire.body || answersAlone.contains(name) { return .carried }
            return translation.dropped.contains(where: isPart) ? .hint : nil
        } catch {
            return error.field.map { $0 == name || isPart($0) } == true ? .refused : nil
        }
    }

    @Test("the list says what happens", arguments: MemberCase.all)
    func fates(_ one: MemberCase) {
        let fate = Self.fate(one)
        #expect(fate == one.rule.fate(at: one.provider))
    }

    @Test("null and the defaults are neither named nor refused", arguments: MemberCase.all)
    func defaults(_ one: MemberCase) throws {
        let isNeeded = Self.plain(one.caller).members[one.rule.name] != nil
        for value in one.rule.defaults + (isNeeded ? [] : [.null]) {
            let translation = try Self.translate(one, value)
            #expect(!translation.dropped.contains(one.rule.name), "\(value)")
        }
    }

    @Test("no list names a member twice", arguments: Dialect.allCases)
    func unique(_ caller: Dialect) {
        let names = MemberRule.rules(of: caller).map(\.name)
        #expect(Set(names).count == names.count)
    }
}
