import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Claude Code over every provider")
struct ClaudeCodeTests {
    @Test("its ordinary request passes, and names what it leaves out", arguments: [Dialect.chat, .responses, .ollama])
    func passes(_ dialect: Dialect) throws {
        let caller = try MessagesWire.decode(ClaudeCodeRequest.body(turns: 3))
        let translation = try Translation(caller, to: dialect, provider: "p", model: "upstream")
        let dropped = Set(translation.dropped)
        let expected: Set<String> = [
            "messages[].content[].cache_control", "system[].cache_control", "tools[].defer_loading",
            "thinking.display", "metadata", "context_management",
        ]
        #expect(dropped.isSuperset(of: expected))
        let root = try JSONDocument(translation.wire.body).root
        #expect(root["model"]?.string == "upstream")
        #expect(root["stream"]?.bool == true)
        #expect(root["tools"]?.elements.map { $0 }.count == ClaudeCodeRequest.tools.count - 1)
        let body = String(decoding: translation.wire.body, as: UTF8.self)
        #expect(!body.contains("DeferredToolPlaceholder"))
        for word in ["你好 👋🏽", "# Environment", "done 2", "tool_use_error", "Step 0.", "The tool WebFetch is loaded"] {
            #expect(body.contains(word), "\(word)")
        }
    }

    @Test("its history is a prefix of the next turn's", arguments: [Dialect.chat, .responses, .ollama])
    func stable(_ dialect: Dialect) throws {
        let member = dialect == .responses ? "input" : "messages"
        var last: [String] = []
        for turns in 0..<5 {
            let caller = try MessagesWire.decode(ClaudeCodeRequest.body(turns: turns))
            let body = try Translation(caller, to: dialect, provider: "p", model: "m").wire.body
            let items = Messages.elements(of: try JSONDocument(body).root[member]).map {
                String(decoding: $0.raw, as: UTF8.self)
            }
            #expect(items.count > last.count)
            #expect(items.starts(with: last))
            last = items
        }
    }

    @Test("it can be counted with the same body")
    func counted() throws {
        let caller = try MessagesWire.decode(ClaudeCodeRequest.body(turns: 2), endpoint: .countTokens)
        let tokens = TokenEstimate.tokens(of: caller.request)
        #expect((1000...2500).contains(tokens))
        #expect(TokenEstimate.body(tokens, for: .countTokens) == Array("{\"input_tokens\":\(tokens)}".utf8))
    }
}
