import Inference
import JSON
import Testing

@testable import Dialects

/// What a caller gets for a provider's bytes in these chunks, and the failure that it ends in.
private func answer(
    _ caller: CallerRequest,
    from dialect: Dialect,
    _ chunks: [[UInt8]]
) throws -> (bytes: [UInt8], failure: InferenceError?) {
    let translation = try Translation(caller, to: dialect, provider: "p", model: "up")
    var translator = translation.answer(requestID: "q1", createdAt: 42, limit: 1 << 20)
    var bytes: [UInt8] = []
    do throws(InferenceError) {
        for chunk in chunks { bytes += try translator.take(chunk.span.bytes) }
        bytes += try translator.finish()
        // Whatever was held back by the last return is thrown now.
        if !translator.isComplete { bytes += try translator.finish() }
        return (bytes, nil)
    } catch {
        return (bytes + translator.fail(error), error)
    }
}

/// A request as Codex sends it, with every kind of tool and a history.
private let codex = #"""
    {"model":"m","stream":true,"store":false,"instructions":"You are a coding agent.",
    "input":[{"type":"message","role":"developer","content":[{"type":"input_text","text":"Rules."}]},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it."}]},
    {"type":"reasoning","summary":[{"type":"summary_text","text":"Plan"}],"content":null,"encrypted_content":"gAAA"},
    {"type":"function_call","namespace":"fs","name":"ls","call_id":"a","arguments":"{}"},
    {"type":"custom_tool_call","call_id":"b","name":"apply_patch","input":"*** Begin","status":"completed"},
    {"type":"function_call_output","call_id":"a","output":"x.txt"},
    {"type":"custom_tool_call_output","call_id":"b","output":"ok"},
    {"type":"message","role":"assistant","phase":"final_answer","content":[{"type":"output_text","text":"Done."}]},
    {"type":"message","role":"user","content":[{"type":"input_text","text":"Again."}]}],
    "tools":[{"type":"function","name":"exec","description":"Runs.","strict":false,"parameters":{"type":"object"}},
    {"type":"custom","name":"apply_patch","description":"Patches.","format":{"type":"grammar","syntax":"lark","definition":"g"}},
    {"type":"namespace","name":"fs","description":"Files.","tools":[{"type":"function","name":"ls","parameters":{"type":"object"}}]},
    {"type":"tool_search","execution":"client"},{"type":"web_search"}],
    "tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":"auto"},
    "include":["reasoning.encrypted_content"],"prompt_cache_key":"t","client_metadata":{"x":"y"},
    "text":{"verbosity":"low"},"service_tier":"auto","stream_options":{"include_obfuscation":false}}
    """#

@Suite("Responses over other dialects")
struct ResponsesTranslationTests {
    @Test("Codex's request as Chat Completions has these very bytes")
    func codexRequest() throws {
        let translation = try Translation(
            CallerRequest(Array(codex.utf8), endpoint: .responses),
            to: .chat,
            provider: "p",
            model: "up"
        )
        let root = try JSONValue(parsing: translation.wire.body)
        #expect(
            String(decoding: (root["messages"] ?? .null).bytes, as: UTF8.self)
                == #"[{"role":"system","content":"You are a coding agent.\n\nRules."},{"role":"user","content":"Fix it."},{"role":"assistant","reasoning_content":"Plan","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"fs__ls","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"apply_patch","arguments":"{\"input\":\"*** Begin\"}"}}]},{"role":"tool","tool_call_id":"a","content":"x.txt"},{"role":"tool","tool_call_id":"b","content":"ok"},{"role":"assistant","content":"Done."},{"role":"user","content":"Again."}]"#
        )
        let names = root["tools"]?.array?.compactMap { $0["function"]?["name"]?.string }
        #expect(names == ["exec", "apply_patch", "fs__ls", "tool_search"])
        #expect(root["prompt_cache_key"] == "t")
        #expect(
            translation.dropped == [
                "include", "text.verbosity", "input[].phase", "client_metadata", "input[].encrypted_content",
                "tools[web_search]", "reasoning.summary",
            ]
        )
    }

    @Test("Codex's request passes over every provider", arguments: [Dialect.chat, .messages, .ollama])
    func codexPasses(_ dialect: Dialect) throws {
        let caller = try CallerRequest(Array(codex.utf8), endpoint: .responses)
        #expect(throws: Never.self) { try Translation(caller, to: dialect, provider: "p", model: "up") }
    }

    @Test("a growing conversation keeps its beginning byte for byte", arguments: [Dialect.chat, .messages, .ollama])
    func stable(_ dialect: Dialect) throws {
        let root = try JSONValue(parsing: Array(codex.utf8))
        let items = root["input"]?.array ?? []
        var last: [String] = []
        for count in [2, 7, 9] {
            var turn = root
            turn["input"] = .array(Array(items.prefix(count)))
            let caller = try CallerRequest(turn.bytes, endpoint: .responses)
            let body = try Translation(caller, to: dialect, provider: "p", model: "up").wire.body
            let messages = try JSONDocument(body).root.list("messages").map { String(decoding: $0.raw, as: UTF8.self) }
            // Neighbours of one side are joined for Messages, so that the last turn may still grow.
            #expect(messages.starts(with: dialect == .messages ? Array(last.dropLast()) : last))
            last = messages
        }
    }

    @Test("a stream means the same response at every chunking", arguments: StreamFixture.all)
    func chunkings(_ fixture: StreamFixture) throws {
        guard fixture.dialect != .responses else { return }
        let caller = try CallerRequest(Array(codex.utf8), endpoint: .responses)
        let bytes = Array(fixture.text.utf8)
        let whole = try answer(caller, from: fixture.dialect, [bytes])
        let checker = ResponsesStreamChecker(whole.bytes)
        #expect(checker.faults == [])
        #expect(whole.failure?.code == fixture.failure)
        #expect((checker.types.last == "response.failed") == (fixture.failure != nil))
        for chunks in Chunkings.all(of: bytes, random: 4).prefix(60) {
            let result = try answer(caller, from: fixture.dialect, chunks)
            guard result.bytes == whole.bytes else {
                Issue.record("another answer for the chunks \(chunks.map(\.count))")
                return
            }
        }
    }

    @Test("folded calls come back as what Codex knows")
    func unfolded() throws {
        let stream = """
            data: {"id":"c","model":"up","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"fs__ls","arguments":"{}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"apply_patch","arguments":"{\\"input\\":\\"*** Be"}}]}}]}

            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"gin\\\\n\\"}"}}]},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """
        let caller = try CallerRequest(Array(codex.utf8), endpoint: .responses)
        let checker = ResponsesStreamChecker(try answer(caller, from: .chat, [Array(stream.utf8)]).bytes)
        #expect(checker.faults == [])
        #expect(
            checker.response?["output"] == [
                [
                    "id": "fc_q1_0", "type": "function_call", "status": "completed", "call_id": "a", "name": "ls",
                    "namespace": "fs", "arguments": "{}",
                ],
                [
                    "id": "ctc_q1_1", "type": "custom_tool_call", "status": "completed", "call_id": "b",
                    "name": "apply_patch", "input": "*** Begin\n",
                ],
            ]
        )
        #expect(checker.types.contains("response.custom_tool_call_input.delta"))
    }

    @Test("thinking is the summary that a caller asks for, and goes back to its provider as it was")
    func summary() throws {
        let thinking = """
            event: message_start
            data: {"type":"message_start","message":{"id":"m","model":"up"}}

            event: content_block_start
            data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"Hm","signature":""}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m…"}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SIG"}}

            event: content_block_stop
            data: {"type":"content_block_stop","index":0}

            event: message_stop
            data: {"type":"message_stop"}


            """
        let caller = try CallerRequest(Array(codex.utf8), endpoint: .responses)
        let checker = ResponsesStreamChecker(try answer(caller, from: .messages, [Array(thinking.utf8)]).bytes)
        #expect(checker.faults == [])
        #expect(checker.types.contains("response.reasoning_summary_text.delta"))
        var item = try #require(checker.done[0])
        #expect(item["summary"] == [["type": "summary_text", "text": "Hmm…"]])
        #expect(item["content"] == nil)
        item["id"] = nil
        let input: JSONValue = [["role": "user", "content": "hi"], item, ["role": "user", "content": "on"]]
        let body = JSONValue.object(["model": "m", "input": input]).bytes
        let replay = try CallerRequest(body, endpoint: .responses)
        let wire = try Translation(replay, to: .messages, provider: "p", model: "up").wire
        let block = try JSONValue(parsing: wire.body)["messages"]?[1]?["content"]?[0]
        #expect(block == ["type": "thinking", "thinking": "Hmm…", "signature": "SIG"])
    }

    @Test("a member that no specification has is refused by name")
    func unknown() throws {
        let caller = try CallerRequest(Array(#"{"model":"m","input":"hi","future":1}"#.utf8), endpoint: .responses)
        let error = #expect(throws: InferenceError.self) {
            try Translation(caller, to: .chat, provider: "p", model: "up")
        }
        #expect(error?.field == "future")
    }

    @Test("thinking that no provider but its own can read is not left as an empty turn")
    func strangeThinking() throws {
        let body = #"""
            {"model":"m","input":[{"role":"user","content":"a"},{"type":"reasoning","summary":[],"encrypted_content":"x"},
            {"role":"user","content":"b"}]}
            """#
        let caller = try CallerRequest(Array(body.utf8), endpoint: .responses)
        let wire = try Translation(caller, to: .chat, provider: "p", model: "up").wire
        #expect(
            try JSONValue(parsing: wire.body)["messages"]
                == [["role": "user", "content": "a"], ["role": "user", "content": "b"]]
        )
    }
}
