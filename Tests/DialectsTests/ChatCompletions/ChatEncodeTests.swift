import Inference
import JSON
import Testing

@testable import Dialects

/// The messages of a request as Chat's wire has them.
private func messages(_ messages: [Message]) throws -> String {
    let body = try WireRequest(InferenceRequest(model: "m", messages: messages), dialect: .chat).body
    return String(decoding: try JSONDocument(body).root["messages"]?.raw ?? [], as: UTF8.self)
}

@Suite("Writing requests for Chat servers")
struct ChatEncodeTests {
    @Test("instructions at the start are one system message, later ones speak as the user")
    func instructions() throws {
        let conversation = [
            Message(.system, "A"), Message(.developer, [.text("B"), .text("C")]), Message(.user, "hi"),
            Message(.developer, "D"), Message(.user, "go"),
        ]
        #expect(
            try messages(conversation)
                == #"[{"role":"system","content":"A\n\nB\n\nC"},{"role":"user","content":"hi"},{"role":"user","content":"D"},{"role":"user","content":"go"}]"#
        )
        let wire = try WireRequest(InferenceRequest(model: "m", messages: conversation), dialect: .chat)
        #expect(wire.dropped == ["messages[].role"])
    }

    @Test("what an assistant said in several messages is one, so that results follow their calls")
    func neighbours() throws {
        let conversation = [
            Message(.user, "hi"), Message(.assistant, [.reasoning(Reasoning(summary: ["s", "t"]))]),
            Message(.assistant, "Reading."), Message(.assistant, [.toolCall(ToolCall(id: "a", name: "f"))]),
            Message(.assistant, [.toolCall(ToolCall(id: "b", name: "f", arguments: "{broken"))]),
            Message(.tool, [.toolResult(ToolResult(callID: "a", "1"))]),
            Message(.tool, [.toolResult(ToolResult(callID: "b", "2"))]),
        ]
        #expect(
            try messages(conversation)
                == #"[{"role":"user","content":"hi"},{"role":"assistant","reasoning_content":"s\n\nt","content":"Reading.","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{\"arguments\":\"{broken\"}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}]"#
        )
    }

    @Test("images of results follow all of them in a message of the user's")
    func images() throws {
        let image = ContentPart.image(Image(.base64(mediaType: "image/png", data: "AA")))
        let conversation = [
            Message(
                .tool,
                [
                    .toolResult(ToolResult(callID: "a", content: [.text("see"), image])),
                    .toolResult(ToolResult(callID: "b", content: [image])),
                ]
            ),
            Message(.user, "go"),
        ]
        let shown = #"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}"#
        func told(_ id: String) -> String { #"{"type":"text","text":"This is what the tool call \#(id) returned:"}"# }
        #expect(
            try messages(conversation)
                == #"[{"role":"tool","tool_call_id":"a","content":"see"},{"role":"tool","tool_call_id":"b","content":"The result follows in the next message of the user."},{"role":"user","content":[\#(told("a")),\#(shown),\#(told("b")),\#(shown)]},{"role":"user","content":"go"}]"#
        )
    }

    @Test("all choices of tokens, log probabilities and a grammar have their members")
    func options() throws {
        var request = InferenceRequest(model: "m", messages: [], stream: false)
        request.sampling = Sampling(topK: 3, frequencyPenalty: 0.5, presencePenalty: -0.5)
        request.topLogprobs = 2
        request.tools = [
            .custom(CustomTool(name: "p", format: ["type": "grammar", "syntax": "lark", "definition": "x"]))
        ]
        let body = String(decoding: try WireRequest(request, dialect: .chat).body, as: UTF8.self)
        #expect(
            body.contains(
                #""top_k":3,"frequency_penalty":0.5,"presence_penalty":-0.5,"logprobs":true,"top_logprobs":2"#
            )
        )
        #expect(body.contains(#""format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}"#))
        request.topLogprobs = 0
        #expect(
            !String(decoding: try WireRequest(request, dialect: .chat).body, as: UTF8.self).contains("top_logprobs")
        )
    }

    @Test("what was encoded is decoded to the same request")
    func identity() throws {
        var numbers = SeededNumbers(seed: 5)
        for _ in 0..<300 {
            let request = RandomRequest.chat(&numbers)
            let wire = try WireRequest(request, dialect: .chat)
            let caller = try CallerRequest(wire.body, endpoint: .chatCompletions)
            guard caller.request == request else {
                #expect(caller.request == request, "\(String(decoding: wire.body, as: UTF8.self))")
                return
            }
            #expect(caller.dropped.isEmpty && wire.dropped.isEmpty)
        }
    }
}
