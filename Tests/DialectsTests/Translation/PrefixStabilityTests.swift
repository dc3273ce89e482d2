import Inference
import JSON
import Testing

@testable import Dialects

/// A growing conversation has to look the same to a prompt cache from turn to turn.
@Suite("Turn n is a prefix of turn n + 1")
struct PrefixStabilityTests {
    /// Everything in front of the conversation and the conversation's elements, as the provider sees them.
    private func parts(_ body: [UInt8], _ dialect: Dialect) throws -> (head: [String], elements: [String]) {
        let root = try JSONDocument(body).root
        let member = dialect == .responses ? "input" : "messages"
        let elements = root[member]?.elements.map { String(decoding: $0.raw, as: UTF8.self) } ?? []
        let head = root.members.filter { $0.key != member }.map {
            "\($0.key)=\(String(decoding: $0.value.raw, as: UTF8.self))"
        }
        return (head, elements)
    }

    private func check(_ turns: [[Message]], _ dialect: Dialect, tools: [Tool] = []) throws {
        var last: (head: [String], elements: [String])?
        for messages in turns {
            var request = InferenceRequest(model: "m", messages: messages, tools: tools)
            var dropped: [String] = []
            _ = try ToolFolding(folding: &request, for: dialect, &dropped)
            let now = try parts(try WireRequest(request, dialect: dialect).body, dialect)
            if let last {
                #expect(now.head == last.head)
                #expect(now.elements.starts(with: last.elements))
            }
            last = now
        }
    }

    @Test("for conversations with calls, results, images and thinking", arguments: Dialect.allCases)
    func random(_ dialect: Dialect) throws {
        var numbers = SeededNumbers(seed: 17)
        for _ in 0..<40 {
            let messages = RandomRequest.conversation(&numbers).map { message in
                var message = message
                // Ollama takes images and no files, and neither by their address.
                if dialect == .ollama {
                    message.content.removeAll {
                        switch $0 {
                        case .image(let image): if case .url = image.source { true } else { false }
                        case .file: true
                        default: false
                        }
                    }
                }
                return message
            }
            // A turn ends with what the model has to answer.
            let ends = messages.indices.filter { $0 + 1 == messages.count || messages[$0 + 1].role == .assistant }
            let turns = ends.filter { messages[$0].role == .user || messages[$0].role == .tool }
            try check(turns.map { Array(messages[...$0]) }, dialect)
        }
    }

    @Test("for an agent's turns with custom tools, namespaces and results with images", arguments: Dialect.allCases)
    func agent(_ dialect: Dialect) throws {
        let image = ContentPart.image(Image(.base64(mediaType: "image/png", data: "AA")))
        var messages = [Message(.system, "S"), Message(.user, "go")]
        var turns = [messages]
        for turn in 0..<4 {
            messages.append(
                Message(
                    .assistant,
                    [
                        .reasoning(Reasoning(text: "hm \(turn)")), .text("Turn \(turn)"),
                        .toolCall(ToolCall(id: "a\(turn)", name: "patch", kind: .custom, arguments: "x\n")),
                        .toolCall(ToolCall(id: "b\(turn)", name: "read", namespace: "fs", arguments: "{}")),
                    ]
                )
            )
            messages.append(
                Message(
                    .tool,
                    [
                        .toolResult(ToolResult(callID: "a\(turn)", kind: .custom, content: [.text("ok"), image])),
                        .toolResult(ToolResult(callID: "b\(turn)", "bytes")),
                    ]
                )
            )
            turns.append(messages)
        }
        let tools: [Tool] = [
            .custom(CustomTool(name: "patch")),
            .namespace(name: "fs", description: nil, tools: [.function(FunctionTool(name: "read"))]),
        ]
        try check(turns, dialect, tools: tools)
    }
}
