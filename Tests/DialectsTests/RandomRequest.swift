import Inference
import JSON

/// Requests made of random numbers.
enum RandomRequest {
    /// One of those that Chat can say in full, in the form that the hub gives them.
    static func chat(_ numbers: inout SeededNumbers) -> InferenceRequest {
        var request = InferenceRequest(model: text(&numbers), messages: conversation(&numbers))
        request.stream = Bool.random(using: &numbers)
        request.tools = (0..<Int.random(in: 0...3, using: &numbers)).map { tool($0, &numbers) }
        if !request.tools.isEmpty {
            request.toolChoice =
                [nil, .auto, ToolChoice.none, .required, .tool("tool_0")].randomElement(using: &numbers) ?? nil
            request.allowsParallelToolCalls = [nil, true, false].randomElement(using: &numbers) ?? nil
        }
        request.sampling = sampling(&numbers)
        if let effort = ReasoningOptions.Effort.allCases.randomElement(using: &numbers), Bool.random(using: &numbers) {
            request.reasoning = ReasoningOptions(effort: effort)
        }
        request.outputFormat =
            [
                nil, .text, .json, .schema(OutputSchema(name: "s", schema: ["type": "object"], strict: true)),
            ].randomElement(using: &numbers) ?? nil
        request.topLogprobs = [nil, 0, 5].randomElement(using: &numbers) ?? nil
        if Bool.random(using: &numbers) { request.rest = ["user": .string(text(&numbers))] }
        return request
    }

    private static func sampling(_ numbers: inout SeededNumbers) -> Sampling {
        func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &numbers) ? value : nil }
        return Sampling(
            temperature: maybe(Double.random(in: 0...2, using: &numbers)),
            topP: maybe(0.9),
            maxOutputTokens: maybe(Int.random(in: 1...5000, using: &numbers)),
            stop: (0..<Int.random(in: 0...2, using: &numbers)).map { _ in text(&numbers) },
            seed: maybe(Int.random(in: .min ... .max, using: &numbers)),
            topK: maybe(40),
            frequencyPenalty: maybe(-1.5),
            presencePenalty: maybe(1e-3)
        )
    }

    private static func tool(_ number: Int, _ numbers: inout SeededNumbers) -> Tool {
        .function(
            FunctionTool(
                name: "tool_\(number)",
                description: Bool.random(using: &numbers) ? text(&numbers) : nil,
                parameters: ["type": "object", "properties": ["p": ["type": "string"]]],
                strict: [nil, true, false].randomElement(using: &numbers) ?? nil
            )
        )
    }

    /// Instructions, then turns, the results right behind their calls.
    static func conversation(_ numbers: inout SeededNumbers) -> [Message] {
        var messages = Bool.random(using: &numbers) ? [Message(.system, text(&numbers))] : []
        for turn in 0..<Int.random(in: 1...4, using: &numbers) {
            messages.append(Message(.user, userParts(&numbers)))
            let calls = (0..<Int.random(in: 0...2, using: &numbers)).map { number in
                ToolCall(id: "call_\(turn)_\(number)", name: "tool_\(number)", arguments: #"{"p": "\#(number)"}"#)
            }
            messages.append(Message(.assistant, assistantParts(calls, &numbers)))
            guard !calls.isEmpty else { continue }
            messages.append(Message(.tool, calls.map { .toolResult(ToolResult(callID: $0.id, text(&numbers))) }))
        }
        return messages
    }

    private static func userParts(_ numbers: inout SeededNumbers) -> [ContentPart] {
        let all: [ContentPart] = [
            .text(text(&numbers)), .image(Image(.base64(mediaType: "image/png", data: "AAAA"), detail: "high")),
            .image(Image(.url("https://example.org/a?b=c"))), .text(text(&numbers)),
            .file(File(.base64(mediaType: "application/pdf", data: "BBBB"), name: "a.pdf")),
        ]
        return Array(all.prefix(Int.random(in: 1...all.count, using: &numbers)))
    }

    private static func assistantParts(_ calls: [ToolCall], _ numbers: inout SeededNumbers) -> [ContentPart] {
        var parts: [ContentPart] = []
        if Bool.random(using: &numbers) { parts.append(.reasoning(Reasoning(text: text(&numbers)))) }
        if calls.isEmpty || Bool.random(using: &numbers) { parts.append(.text(text(&numbers))) }
        return parts + calls.map { .toolCall($0) }
    }

    /// Never empty, with what JSON has to escape and what it does not.
    static func text(_ numbers: inout SeededNumbers) -> String {
        let pieces = ["a", "é", "👋🏽", "\n", "\"", "\\", "\u{1}", "日本", " ", "\u{2028}", "</s>", "\u{FFFD}", "{}"]
        return (0...Int.random(in: 0...12, using: &numbers)).reduce(into: "") { text, _ in
            text += pieces.randomElement(using: &numbers) ?? ""
        }
    }
}
