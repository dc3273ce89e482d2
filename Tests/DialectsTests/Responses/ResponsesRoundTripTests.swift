import Inference
import JSON
import Testing

@testable import Dialects

/// Random requests that Responses can say.
///
/// Left out is what is read otherwise than it was written: neighbours of the assistant or of results are one turn, a
/// function without parameters is one with an empty object, and choices are said only where there are tools.
struct RequestGenerator {
    private var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    mutating func request() -> InferenceRequest {
        var request = InferenceRequest(model: text(), messages: messages(), stream: chance())
        request.tools = many(4) { $0.tool() }
        if !request.tools.isEmpty {
            request.toolChoice = maybe { $0.choice() }
            request.allowsParallelToolCalls = maybe { $0.chance() }
        }
        request.sampling = Sampling(
            temperature: maybe { Double($0.number(8)) / 4 },
            topP: maybe { Double($0.number(4)) / 4 },
            maxOutputTokens: maybe { $0.number(5000) + 1 }
        )
        let reasoning = ReasoningOptions(
            effort: maybe { $0.one(of: ReasoningOptions.Effort.allCases) },
            summary: maybe { $0.one(of: ["auto", "concise", "detailed"]) }
        )
        if reasoning != ReasoningOptions() { request.reasoning = reasoning }
        request.outputFormat = maybe { $0.format() }
        request.topLogprobs = maybe { $0.number(20) }
        if chance() { request.rest = ["prompt_cache_key": .string(text()), "metadata": ["a": .string(text())]] }
        return request
    }

    // MARK: Conversation

    private mutating func messages() -> [Message] {
        var messages: [Message] = []
        for _ in 0..<number(8) {
            let role = one(of: Message.Role.allCases)
            guard role != messages.last?.role || role == .user else { continue }
            switch role {
            case .system, .developer, .user: messages.append(Message(role, some { $0.input() }))
            case .assistant: messages.append(Message(role, turn()))
            case .tool: messages.append(Message(role, some { .toolResult($0.result()) }))
            }
        }
        return messages
    }

    private mutating func input() -> ContentPart {
        switch number(4) {
        case 0: .image(Image(source(), detail: maybe { $0.one(of: ["low", "high", "auto"]) }))
        case 1: .file(File(source(), name: maybe { $0.text() }))
        default: .text(text())
        }
    }

    private mutating func source() -> MediaSource {
        switch number(2) {
        case 0: .url("https://example.com/\(number(99))")
        case 1: .upload(text())
        default: .base64(mediaType: "image/png", data: "QUJD")
        }
    }

    private mutating func turn() -> [ContentPart] {
        some { generator in
            switch generator.number(4) {
            case 0: return .reasoning(generator.reasoning())
            case 1: return .refusal(generator.text())
            case 2:
                let kind = generator.one(of: [ToolCall.Kind.function, .custom])
                return .toolCall(
                    ToolCall(
                        id: generator.text(),
                        name: generator.text(),
                        namespace: generator.maybe { $0.text() },
                        kind: kind,
                        arguments: generator.text()
                    )
                )
            default: return .text(generator.text())
            }
        }
    }

    private mutating func reasoning() -> Reasoning {
        Reasoning(
            text: chance() ? text() : "",
            summary: many(3) { $0.text() },
            encrypted: text(),
            id: maybe { $0.text() }
        )
    }

    private mutating func result() -> ToolResult {
        let kind = one(of: [ToolCall.Kind.function, .custom])
        // Of no call that is there, behind which it would have to stand.
        return ToolResult(callID: "r" + text(), kind: kind, content: some { $0.input() })
    }

    // MARK: Options

    private mutating func tool() -> Tool {
        switch number(3) {
        case 0:
            .custom(
                CustomTool(name: text(), description: maybe { $0.text() }, format: maybe { _ in ["type": "text"] })
            )
        case 1: .namespace(name: text(), description: maybe { $0.text() }, tools: many(3) { $0.member() })
        case 2: .hosted(type: "web_search", ["search_context_size": "low"])
        default: .function(function())
        }
    }

    private mutating func member() -> Tool {
        chance() ? .function(function()) : .custom(CustomTool(name: text()))
    }

    private mutating func function() -> FunctionTool {
        FunctionTool(
            name: text(),
            description: maybe { $0.text() },
            parameters: ["type": "object", "x": .string(text())],
            strict: maybe { $0.chance() }
        )
    }

    private mutating func choice() -> ToolChoice {
        one(of: [.auto, .none, .required, .tool("web_search"), .tool("f"), .tool("p", kind: .custom)])
    }

    private mutating func format() -> OutputFormat {
        let schema = OutputSchema(
            name: text(),
            description: maybe { $0.text() },
            schema: ["type": "object"],
            strict: maybe { $0.chance() }
        )
        return one(of: [.text, .json, .schema(schema)])
    }

    // MARK: Dice

    private mutating func number(_ most: Int) -> Int { Int.random(in: 0...most, using: &numbers) }

    private mutating func chance() -> Bool { Bool.random(using: &numbers) }

    private mutating func one<Value>(of values: [Value]) -> Value { values[number(values.count - 1)] }

    private mutating func maybe<Value>(_ make: (inout RequestGenerator) -> Value) -> Value? {
        chance() ? make(&self) : nil
    }

    private mutating func many<Value>(_ most: Int, _ make: (inout RequestGenerator) -> Value) -> [Value] {
        (0..<number(most)).map { _ in make(&self) }
    }

    private mutating func some<Value>(_ make: (inout RequestGenerator) -> Value) -> [Value] {
        (0..<number(3) + 1).map { _ in make(&self) }
    }

    private mutating func text() -> String {
        one(of: ["", "plain", "\"quoted\"\n\\", "déjà 你好 👋🏽", "{\"p\": 1}", "\u{0}\u{1F}\u{7F}\u{2028}", "a/b"])
    }
}

@Suite("Responses there and back")
struct ResponsesRoundTripTests {
    @Test("what is written is read as the same request", arguments: 0..<400)
    func identity(_ seed: UInt64) throws {
        var generator = RequestGenerator(seed: seed)
        let request = generator.request()
        let body = try WireRequest(request, dialect: .responses).body
        #expect(try CallerRequest(body, endpoint: .responses).request == request)
    }

    @Test("each option that only Responses writes is where it belongs")
    func options() throws {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "hi")], stream: false)
        request.sampling = Sampling(topK: 40, frequencyPenalty: 0.5, presencePenalty: -0.5)
        request.topLogprobs = 2
        request.reasoning = ReasoningOptions(effort: .low)
        request.messages[0].name = "ann"
        request.messages.append(
            Message(.tool, [.toolResult(ToolResult(callID: "a", content: [.text("x")], isError: true))])
        )
        let wire = try WireRequest(request, dialect: .responses)
        let root = try JSONValue(parsing: wire.body)
        #expect(root["presence_penalty"] == nil && root["frequency_penalty"] == nil)
        #expect(root["top_logprobs"] == 2)
        #expect(root["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"])
        let named = [
            "frequency_penalty", "presence_penalty", "top_k", "messages[].name", "messages[].content[].is_error",
        ]
        #expect(wire.dropped == named)
        request.messages = [Message(.assistant, [.image(Image(.url("https://x")))])]
        let error = #expect(throws: InferenceError.self) { try WireRequest(request, dialect: .responses) }
        #expect(error?.detail == "unsupported_by_provider")
    }
}
