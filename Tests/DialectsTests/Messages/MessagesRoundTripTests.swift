import Inference
import JSON
import Testing

@testable import Dialects

/// Random conversations of all that Messages can say.
private struct Conversations {
    var numbers: SeededNumbers

    private mutating func flip() -> Bool { Bool.random(using: &numbers) }
    private mutating func count(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }

    private mutating func word() -> String {
        let pieces = ["a", "déjà", "\"", "\n", "你好", "👋🏽", "\\", " b", "{", "\u{1}", "</x>"]
        return "w" + (0..<count(0...4)).map { _ in pieces.randomElement(using: &numbers) ?? "" }.joined()
    }

    private mutating func media(_ type: String) -> MediaSource {
        switch count(0...2) {
        case 0: .url("https://x/\(count(0...9))")
        case 1: .upload("file_\(count(0...9))")
        default: .base64(mediaType: type, data: "AAAA")
        }
    }

    private mutating func spoken() -> ContentPart {
        switch count(0...3) {
        case 0: .image(Image(media("image/png")))
        case 1: .file(File(media("application/pdf"), name: flip() ? word() : nil))
        default: .text(word())
        }
    }

    private mutating func parts(_ range: ClosedRange<Int>) -> [ContentPart] {
        (0..<count(range)).map { _ in spoken() }
    }

    /// An assistant's turn, and the results that it waits for.
    private mutating func round(_ turn: Int) -> [Message] {
        var content: [ContentPart] = []
        if flip() { content.append(.reasoning(Reasoning(text: word(), signature: "SIG"))) }
        if flip() { content.append(.reasoning(Reasoning(encrypted: "RED"))) }
        if flip() { content.append(.text(word())) }
        let ids = (0..<count(content.isEmpty ? 1...3 : 0...3)).map { "toolu_\(turn)-\($0)" }
        for id in ids {
            let arguments = JSONValue.object(["p": .string(word()), "n": 1]).bytes
            content.append(
                .toolCall(ToolCall(id: id, name: "f", arguments: String(decoding: arguments, as: UTF8.self)))
            )
        }
        var messages = [Message(.assistant, content)]
        let results = ids.map { id in
            ContentPart.toolResult(ToolResult(callID: id, content: parts(0...2), isError: flip()))
        }
        if !results.isEmpty { messages.append(Message(.tool, results)) }
        if results.isEmpty || flip() { messages.append(Message(.user, parts(1...3))) }
        return messages
    }

    private mutating func sampling() -> Sampling {
        Sampling(
            temperature: flip() ? 0.5 : nil,
            topP: flip() ? 0.25 : nil,
            maxOutputTokens: count(2000...9000),
            stop: flip() ? ["END", word()] : [],
            topK: flip() ? count(1...40) : nil
        )
    }

    mutating func next() -> InferenceRequest {
        var messages = flip() ? [Message(.system, (0..<count(1...3)).map { _ in .text(word()) })] : []
        messages.append(Message(.user, parts(1...3)))
        for turn in 0..<count(0...4) { messages += round(turn) }
        var request = InferenceRequest(model: "m", messages: messages, sampling: sampling(), stream: flip())
        if flip() {
            request.tools = (1...count(1...3)).map {
                .function(
                    FunctionTool(
                        name: "f\($0)",
                        description: word(),
                        parameters: ["type": "object", "x": .string(word())]
                    )
                )
            }
            request.tools.append(.hosted(type: "web_search_20250305", ["name": "web_search"]))
            request.toolChoice =
                [nil, .auto, ToolChoice.none, .required, .tool("f1")].randomElement(using: &numbers) ?? nil
            if request.toolChoice != nil, request.toolChoice != .some(.none) {
                request.allowsParallelToolCalls = flip() ? flip() : nil
            }
        }
        if flip() {
            request.outputFormat = .schema(OutputSchema(name: "answer", schema: ["type": "object"], strict: true))
        }
        request.reasoning = flip() ? ReasoningOptions(effort: ReasoningOptions.Effort.none) : nil
        return request
    }
}

@Suite("Messages requests there and back")
struct MessagesRoundTripTests {
    @Test("what is written and read again is the same request")
    func identity() throws {
        var conversations = Conversations(numbers: SeededNumbers(seed: 11))
        for _ in 0..<300 {
            let request = conversations.next()
            let wire = try WireRequest(request, dialect: .messages)
            let back = try CallerRequest(wire.body, endpoint: .messages)
            #expect(wire.dropped.allSatisfy { $0 == "json_schema.name" })
            #expect(back.dropped.isEmpty)
            guard back.request == request else {
                #expect(back.request == request)
                return
            }
        }
    }

    @Test("a budget of thinking is the same there and back")
    func budget() throws {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "hi")])
        request.sampling.maxOutputTokens = 9000
        request.reasoning = ReasoningOptions(effort: .medium, summary: "auto", budget: 5000)
        let wire = try WireRequest(request, dialect: .messages)
        #expect(try CallerRequest(wire.body, endpoint: .messages).request == request)
        #expect(wire.dropped == ["reasoning.summary"])
    }
}
