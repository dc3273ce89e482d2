import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Estimating tokens")
struct TokenEstimateTests {
    /// The counts are those of a byte-pair tokenizer with 65,000 entries.
    @Test(
        "prose and code are estimated within a fifth",
        arguments: [
            (
                "The gateway reads a request once, decides where it goes, and forwards its bytes unchanged. When the provider speaks another language, every field is carried, left out by name, or refused.",
                38
            ),
            (
                """
                func count(_ words: [String]) -> [String: Int] {
                    var counts: [String: Int] = [:]
                    for word in words where !word.isEmpty {
                        counts[word.lowercased(), default: 0] += 1
                    }
                    return counts
                }
                """, 59
            ),
            (
                #"{"type":"object","properties":{"file_path":{"type":"string","description":"The absolute path to the file"},"limit":{"type":"integer","minimum":1}},"required":["file_path"],"additionalProperties":false}"#,
                47
            ),
        ]
    )
    func texts(_ text: String, _ tokens: Int) {
        let estimate = TokenEstimate.tokens(in: text)
        #expect(abs(estimate - tokens) * 5 <= tokens, "\(estimate) for \(tokens)")
    }

    @Test(
        "each kind of character has its price",
        arguments: [
            ("", 0), ("a", 1), ("sevenlx", 1), ("eightlett", 2), ("camelCase", 2), ("a b c", 3), ("a\n\n  b", 3),
            ("1234567", 3), ("==", 1), ("======", 3), ("你好", 2), ("привет", 5), ("👋", 3), (" ", 0), ("\n", 1),
        ]
    )
    func characters(_ text: String, _ tokens: Int) {
        #expect(TokenEstimate.tokens(in: text) == tokens)
    }

    @Test("everything that the model reads counts, and more is never less")
    func requests() {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "hi there")])
        var last = TokenEstimate.tokens(of: request)
        #expect(last == 3 + 4 + 2)
        let changes: [(inout InferenceRequest) -> Void] = [
            { $0.messages.append(Message(.assistant, [.reasoning(Reasoning(text: "hm"))])) },
            { $0.messages.append(Message(.assistant, [.toolCall(ToolCall(id: "a", name: "f", arguments: "{}"))])) },
            { $0.messages.append(Message(.tool, [.toolResult(ToolResult(callID: "a", "ok"))])) },
            { $0.messages.append(Message(.user, [.image(Image(.url("u"), detail: "low"))])) },
            { $0.messages.append(Message(.user, [.image(Image(.url("u")))])) },
            {
                $0.messages.append(
                    Message(.user, [.file(File(.base64(mediaType: "text/plain", data: "QUFBQUFBQUE=")))])
                )
            },
            { $0.messages.append(Message(.user, [.file(File(.upload("f")))])) },
            { $0.tools = [.function(FunctionTool(name: "f", parameters: ["type": "object"]))] },
            { $0.tools.append(.custom(CustomTool(name: "p", description: "Patches."))) },
            { $0.tools.append(.namespace(name: "n", description: nil, tools: [.function(FunctionTool(name: "g"))])) },
            { $0.tools.append(.hosted(type: "web_search", [:])) },
            { $0.outputFormat = .schema(OutputSchema(name: "s", schema: ["type": "object"])) },
        ]
        for change in changes {
            change(&request)
            let now = TokenEstimate.tokens(of: request)
            #expect(now > last)
            last = now
        }
    }

    @Test("a count is written in the endpoint's shape")
    func bodies() {
        #expect(TokenEstimate.body(12, for: .countTokens) == Array(#"{"input_tokens":12}"#.utf8))
        let expected = #"{"object":"response.input_tokens","input_tokens":12}"#
        #expect(TokenEstimate.body(12, for: .inputTokens) == Array(expected.utf8))
    }
}
