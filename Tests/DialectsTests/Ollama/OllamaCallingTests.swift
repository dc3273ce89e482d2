import Inference
import JSON
import Testing

@testable import Dialects

private func body(_ request: InferenceRequest) throws -> JSONView {
    try JSONDocument(WireRequest(request, dialect: .ollama).body).root
}

private func member(_ name: String, _ request: InferenceRequest) throws -> String? {
    try body(request)[name].map { String(decoding: $0.raw, as: UTF8.self) }
}

@Suite("Calling Ollama")
struct OllamaCallingTests {
    @Test(
        "a level of thinking is the nearest that the model has",
        arguments: [
            (ReasoningOptions.Effort.none, "false", #""low""#), (.minimal, #""low""#, #""low""#),
            (.low, #""low""#, #""low""#), (.medium, #""medium""#, #""medium""#), (.high, #""high""#, #""high""#),
            (.xhigh, #""max""#, #""high""#), (.max, #""max""#, #""high""#),
        ]
    )
    func efforts(_ effort: ReasoningOptions.Effort, _ other: String, _ gptOSS: String) throws {
        var request = InferenceRequest(model: "qwen3:8b", messages: [], reasoning: ReasoningOptions(effort: effort))
        #expect(try member("think", request) == other)
        request.serving.canThink = false
        #expect(try member("think", request) == nil)
        #expect(try WireRequest(request, dialect: .ollama).dropped == ["reasoning"])
        request.serving.canThink = true
        request.model = "hf.co/unsloth/GPT-OSS-20b-GGUF"
        #expect(try member("think", request) == gptOSS)
    }

    @Test("tokens to think with ask for thinking, in levels where there is nothing else")
    func budgets() throws {
        var request = InferenceRequest(model: "qwen3", messages: [], reasoning: ReasoningOptions(budget: 2000))
        #expect(try member("think", request) == "true")
        request.model = "gpt-oss:20b"
        #expect(try member("think", request) == #""low""#)
        request.reasoning?.budget = 8000
        #expect(try member("think", request) == #""medium""#)
        request.reasoning?.budget = 32_000
        #expect(try member("think", request) == #""high""#)
        #expect(try WireRequest(request, dialect: .ollama).dropped == ["thinking.budget_tokens"])
        request.reasoning = ReasoningOptions(summary: "auto")
        #expect(try member("think", request) == nil)
    }

    @Test("sampling, probabilities and serving are told in Ollama's words")
    func options() throws {
        var request = InferenceRequest(model: "m", messages: [])
        request.sampling = Sampling(stop: ["a"], topK: 5, frequencyPenalty: 0.5, presencePenalty: -1)
        request.serving = ServingOptions(contextLength: 4096, keepAlive: "1.5")
        request.topLogprobs = 2
        #expect(
            try member("options", request)
                == #"{"num_ctx":4096,"top_k":5,"frequency_penalty":0.5,"presence_penalty":-1.0,"stop":["a"]}"#
        )
        #expect(try member("keep_alive", request) == "1.5")
        #expect(try member("logprobs", request) == "true")
        #expect(try member("top_logprobs", request) == "2")
        #expect(try member("truncate", request) == "false")
        #expect(try member("shift", request) == "false")
        request.topLogprobs = 0
        #expect(try member("top_logprobs", request) == nil)
    }

    @Test("a result takes its images along, and a retold thought stands for the thought")
    func history() throws {
        let image = ContentPart.image(Image(.url("data:image/png;base64,AAAA")))
        let request = InferenceRequest(
            model: "m",
            messages: [
                Message(
                    .assistant,
                    [
                        .reasoning(Reasoning(summary: ["one", "two"])), .reasoning(Reasoning(encrypted: "x")),
                        .toolCall(ToolCall(id: "a", name: "look", arguments: "{}")),
                    ]
                ),
                Message(.tool, [.toolResult(ToolResult(callID: "a", content: [.text("seen"), image]))]),
                Message(.developer, "Go on."),
            ]
        )
        #expect(
            try member("messages", request)
                == #"[{"role":"assistant","content":"","thinking":"one\n\ntwo","tool_calls":[{"id":"a","function":{"name":"look","arguments":{}}}]},{"role":"tool","content":"seen","images":["AAAA"],"tool_name":"look","tool_call_id":"a"},{"role":"system","content":"Go on."}]"#
        )
    }

    @Test(
        "files, uploads and addresses are refused by name",
        arguments: [
            ContentPart.file(File(.base64(mediaType: "application/pdf", data: "AAAA"), name: "a.pdf")),
            .image(Image(.url("https://x/y.png"))), .image(Image(.upload("file-1"))),
            .image(Image(.url("data:image/svg+xml,<svg/>"))),
        ]
    )
    func media(_ part: ContentPart) {
        for message in [
            Message(.user, [part]), Message(.tool, [.toolResult(ToolResult(callID: "a", content: [part]))]),
        ] {
            let error = #expect(throws: InferenceError.self) {
                try WireRequest(InferenceRequest(model: "m", messages: [message]), dialect: .ollama)
            }
            #expect(error?.detail == "unsupported_by_provider")
        }
    }

    @Test("what means nothing to Ollama is named")
    func dropped() throws {
        var request = InferenceRequest(model: "m", messages: [Message(.user, [.text("x")], name: "ann")])
        request.allowsParallelToolCalls = false
        request.tools = [.function(FunctionTool(name: "f", strict: true))]
        request.outputFormat = .schema(OutputSchema(name: "s", description: "d", schema: [:]))
        #expect(
            try WireRequest(request, dialect: .ollama).dropped == [
                "parallel_tool_calls", "json_schema.name", "json_schema.description", "tools[].strict",
                "messages[].name",
            ]
        )
    }

    @Test("lines of /api/generate are read too, and a call without a name is no answer")
    func reading() {
        let lines =
            #"{"model":"m","response":"a","thinking":"hm","logprobs":[{"token":"a","logprob":-1,"bytes":[97]}],"done":false}"#
            + "\n"
        let (events, failure) = OllamaSamples.decoded([Array(lines.utf8)])
        #expect(
            events == [
                .started(id: nil, model: "m"), .reasoningDelta("hm"), .textDelta("a"),
                .logprobs([TokenLogprob(.init(token: "a", logprob: -1, bytes: [97]))]),
            ]
        )
        #expect(failure?.code == .interrupted)
        let bad = #"{"message":{"tool_calls":[{"function":{"arguments":{}}}]},"done":true}"# + "\n"
        #expect(OllamaSamples.decoded([Array(bad.utf8)]).1?.code == .malformed)
    }
}
