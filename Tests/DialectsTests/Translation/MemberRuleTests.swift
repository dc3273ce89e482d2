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
    /// A request with nothing of a member, but with what else gives it its meaning.
    private static func plain(_ caller: Dialect, without name: String) -> (endpoint: Endpoint, members: JSONObject) {
        let conversation: JSONValue = [["role": "user", "content": "Good day"]]
        let schema: JSONValue = ["type": "object", "properties": [:]]
        let function: JSONValue = ["type": "function", "function": ["name": "f", "parameters": schema]]
        var endpoint: Endpoint
        var members: JSONObject
        switch caller {
        case .chat:
            endpoint = .chatCompletions
            members = ["messages": conversation, "tools": [function]]
        case .responses:
            endpoint = .responses
            members = ["input": "Good day", "tools": [["type": "function", "name": "f", "parameters": schema]]]
        case .messages:
            endpoint = .messages
            members = ["max_tokens": 4096, "messages": conversation, "tools": [["name": "f", "input_schema": schema]]]
        case .ollama where promptMembers.contains(name):
            endpoint = .ollamaGenerate
            members = ["prompt": "Good day"]
        case .ollama:
            endpoint = .ollamaChat
            members = ["messages": conversation, "tools": [function]]
        }
        members["model"] = "m"
        if name == "tools" { members["tools"] = nil }
        if name == "top_logprobs", caller != .responses { members["logprobs"] = true }
        return (endpoint, members)
    }

    /// Ollama's `/api/generate` alone has these.
    private static let promptMembers: Set<String> = [
        "prompt", "system", "images", "suffix", "template", "context", "raw", "width", "height", "steps",
    ]

    /// Members that change the answer and not what the provider is asked.
    private static let answersAlone: Set<String> = [
        "stream_options", "store", "include", "previous_response_id", "model",
    ]

    /// Members that mean something only together, one of which is refused for both.
    private static let companions = ["top_logprobs": "logprobs"]

    /// `value` goes in under the member's name, whose dot leads into an object.
    private static func translate(_ one: MemberCase, _ value: JSONValue?) throws(InferenceError) -> Translation {
        var (endpoint, members) = plain(one.caller, without: one.rule.name)
        let path = one.rule.name.split(separator: ".", maxSplits: 1).map(String.init)
        if let value { members[path[0]] = path.count == 1 ? value : .object([path[1]: value]) }
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
            guard let field = error.field else { return nil }
            return field == name || isPart(field) || field == companions[name] ? .refused : nil
        }
    }

    @Test("the list says what happens", arguments: MemberCase.all)
    func fates(_ one: MemberCase) {
        let fate = Self.fate(one)
        #expect(fate == one.rule.fate(at: one.provider))
    }

    @Test("null and the defaults are neither named nor refused", arguments: MemberCase.all)
    func defaults(_ one: MemberCase) throws {
        // Its companion is refused with it, and alone.
        if one.rule.name == "top_logprobs", one.rule.fate(at: one.provider) == .refused { return }
        let isNeeded = Self.plain(one.caller, without: one.rule.name).members[one.rule.name] != nil
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
