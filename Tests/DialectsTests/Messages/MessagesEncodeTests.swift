import Inference
import JSON
import Testing

@testable import Dialects

private func encode(
    _ messages: [Message],
    model: String = "m",
    _ change: (inout InferenceRequest) -> Void = { _ in }
) throws(InferenceError) -> WireRequest {
    var request = InferenceRequest(model: model, messages: messages)
    change(&request)
    return try WireRequest(request, dialect: .messages)
}

private func member(_ name: String, _ wire: WireRequest) throws -> String? {
    try JSONDocument(wire.body).root[name].map { String(decoding: $0.raw, as: UTF8.self) }
}

/// A change to a request that Messages has no words for, and the field that it names.
private struct Unsayable: Sendable, CustomTestStringConvertible {
    var field: String
    var change: @Sendable (inout InferenceRequest) -> Void
    var testDescription: String { field }

    static let all: [Unsayable] = [
        Unsayable(field: "response_format") { $0.outputFormat = .json },
        Unsayable(field: "logprobs") { $0.topLogprobs = 0 },
        Unsayable(field: "messages") { $0.messages[0] = Message(.system, [.image(Image(.url("u")))]) },
    ]
}

@Suite("Writing Messages requests")
struct MessagesEncodeTests {
    @Test("instructions between the turns become reminders in the user's turn, behind the results")
    func instructions() throws {
        let wire = try encode([
            Message(.developer, "First."), Message(.user, "hi"), Message(.developer, "Second."),
            Message(.assistant, [.toolCall(ToolCall(id: "a", name: "f", arguments: "{}"))]),
            Message(.system, "Third."), Message(.tool, [.toolResult(ToolResult(callID: "a", "ok"))]),
        ])
        #expect(try member("system", wire) == #"[{"type":"text","text":"First."}]"#)
        #expect(
            try member("messages", wire)
                == #"[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"text","text":"<system-reminder>\nSecond.\n</system-reminder>"}]},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"ok"}]},{"type":"text","text":"<system-reminder>\nThird.\n</system-reminder>"}]}]"#
        )
    }

    @Test("a conversation that grows with instructions between its turns keeps its settled turns")
    func stable() throws {
        let messages = [
            Message(.developer, "First."), Message(.user, "hi"), Message(.developer, "Second."), Message(.user, ""),
            Message(.assistant, ""), Message(.assistant, "yes"), Message(.developer, "Third."), Message(.user, "go"),
            Message(.assistant, [.reasoning(Reasoning(text: "lost")), .text("done")]), Message(.user, "bye"),
        ]
        var last: [String] = []
        for count in 2...messages.count {
            let wire = try encode(Array(messages.prefix(count)))
            let turns = Messages.elements(of: try JSONDocument(wire.body).root["messages"]).map {
                String(decoding: $0.raw, as: UTF8.self)
            }
            #expect(turns.starts(with: last.dropLast()))
            last = turns
        }
        #expect(last.count == 5)
    }

    @Test(
        "the user begins, whoever did",
        arguments: [[Message(.system, "Be brief.")], [Message(.assistant, "Hello!"), Message(.user, "hi")]]
    )
    func beginning(_ messages: [Message]) throws {
        let root = try JSONDocument(try encode(messages).body).root
        #expect(root["messages"]?[0]?["role"]?.string == "user")
        #expect(root["messages"]?[0]?["content"]?[0]?["text"]?.string?.contains("said nothing") == true)
    }

    @Test("media go in the form that the dialect takes")
    func media() throws {
        let wire = try encode([
            Message(
                .user,
                [
                    .image(Image(.url("data:image/png;base64,AAAA"), detail: "high")),
                    .file(File(.base64(mediaType: "text/markdown", data: "IyDDqQ=="), name: "a.md")),
                    .file(File(.url("data:application/pdf;base64,BBBB"))), .file(File(.upload("file_1"))),
                ]
            )
        ])
        #expect(
            try member("messages", wire)
                == ##"[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"# é"},"title":"a.md"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"}},{"type":"document","source":{"type":"file","file_id":"file_1"}}]}]"##
        )
        #expect(wire.dropped == ["messages[].content[].detail"])
    }

    @Test("ids in other letters become theirs, in the call and in its result")
    func ids() throws {
        let body = try encode([
            Message(.user, "hi"), Message(.assistant, [.toolCall(ToolCall(id: "f.read:0", name: "f"))]),
            Message(.tool, [.toolResult(ToolResult(callID: "f.read:0", ""))]),
        ]).body
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains(#""id":"f_2eread_3a0""#))
        #expect(text.contains(#""tool_use_id":"f_2eread_3a0","content":[]"#))
    }

    @Test(
        "thinking is asked for in the words of the model's generation",
        arguments: [
            ("m", .high, nil, #"{"type":"enabled","budget_tokens":6144}"#, nil),
            ("m", ReasoningOptions.Effort.none, nil, #"{"type":"disabled"}"#, nil),
            ("claude-sonnet-4-5-20250929", .medium, nil, #"{"type":"enabled","budget_tokens":16000}"#, nil),
            ("claude-opus-4-6", .xhigh, nil, #"{"type":"adaptive"}"#, #"{"effort":"high"}"#),
            (
                "us.anthropic.claude-opus-4-7", .xhigh, "auto", #"{"type":"adaptive","display":"summarized"}"#,
                #"{"effort":"xhigh"}"#
            ),
            ("claude-opus-5", .minimal, nil, #"{"type":"adaptive"}"#, #"{"effort":"low"}"#),
            ("claude-opus-5", ReasoningOptions.Effort.none, nil, nil, #"{"effort":"low"}"#),
            ("claude-sonnet-4-6", ReasoningOptions.Effort.none, nil, nil, nil),
        ] as [(String, ReasoningOptions.Effort, String?, String?, String?)]
    )
    func thinking(
        _ model: String,
        _ effort: ReasoningOptions.Effort,
        _ summary: String?,
        _ thinking: String?,
        _ config: String?
    ) throws {
        let wire = try encode([Message(.user, "hi")], model: model) {
            $0.reasoning = ReasoningOptions(effort: effort, summary: summary)
        }
        #expect(try member("thinking", wire) == thinking)
        #expect(try member("output_config", wire) == config)
    }

    @Test("a model that thinks, or a new one, is not told how to choose its tokens")
    func sampling() throws {
        let change: (inout InferenceRequest) -> Void = {
            $0.sampling = Sampling(temperature: 0.5, topP: 0.5, maxOutputTokens: 4096, topK: 3)
        }
        let plain = try encode([Message(.user, "hi")], change)
        #expect(plain.dropped.isEmpty)
        #expect(try member("top_k", plain) == "3")
        let new = try encode([Message(.user, "hi")], model: "claude-opus-4-7", change)
        #expect(new.dropped == ["temperature", "top_k", "top_p"])
        let thinking = try encode([Message(.user, "hi")]) {
            change(&$0)
            $0.sampling.topP = 0.97
            $0.reasoning = ReasoningOptions(effort: .high)
        }
        #expect(thinking.dropped == ["temperature", "top_k"])
        #expect(try member("top_p", thinking) == "0.97")
    }

    @Test("a forced call goes before thinking, and hints are named")
    func hints() throws {
        let wire = try encode([Message(.user, [.text("hi")], name: "ann")]) {
            $0.tools = [.function(FunctionTool(name: "f", parameters: ["x": 1], strict: true))]
            $0.toolChoice = .required
            $0.reasoning = ReasoningOptions(effort: .high)
            $0.sampling.seed = 1
            $0.sampling.frequencyPenalty = 0.5
            $0.sampling.presencePenalty = 0
        }
        #expect(try member("thinking", wire) == nil)
        #expect(wire.dropped == ["seed", "frequency_penalty", "messages[].name", "reasoning.effort"])
        #expect(
            try member("tools", wire) == #"[{"name":"f","input_schema":{"type":"object","x":1},"strict":true}]"#
        )
        #expect(try member("max_tokens", wire) == "8192")
    }

    @Test("what would mean something else is refused by name", arguments: Unsayable.all)
    fileprivate func refused(_ unsayable: Unsayable) {
        let error = #expect(throws: InferenceError.self) { try encode([Message(.user, "hi")], unsayable.change) }
        #expect(error?.field == unsayable.field)
        #expect(error?.detail == "unsupported_by_provider")
    }

    @Test(
        "a model's generation is read from its name",
        arguments: [
            ("claude-3-7-sonnet-20250219", 307), ("claude-opus-4-20250514", 400), ("claude-haiku-4-5-20251001", 405),
            ("anthropic/claude-sonnet-4.6", 406), ("anthropic.claude-opus-5-v1:0", 500), ("claude-latest", nil),
            ("gpt-5", nil), ("glm-4.7", nil),
        ] as [(String, Int?)]
    )
    func version(_ name: String, _ number: Int?) {
        #expect(Messages.ClaudeVersion(name)?.number == number)
    }
}
