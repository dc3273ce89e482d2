import Inference
import JSON

/// About how many tokens a prompt has at the least, by its length alone.
///
/// It is made for each request to an Ollama, so that it is cheaper than `TokenEstimate` and only good enough to tell a
/// prompt that was cut.
enum PromptEstimate {
    /// Smaller prompts are not worth a warning.
    static let least = 2_000
    private static let bytesPerToken = 4
    private static let tokensPerMessage = 4

    /// The whole request's tokens: messages and tools.
    static func tokens(of request: InferenceRequest) -> Int {
        var bytes = 0
        var tokens = 0
        for message in request.messages {
            tokens += tokensPerMessage
            for part in message.content { count(part, &bytes) }
        }
        for tool in request.tools { bytes += size(of: tool) }
        return tokens + bytes / bytesPerToken
    }

    /// Whether so few tokens were read that the prompt must have been cut.
    static func isCut(estimated: Int, read: Int) -> Bool {
        estimated > least && read < estimated / 2
    }

    private static func count(_ part: ContentPart, _ bytes: inout Int) {
        switch part {
        case .text(let text), .refusal(let text): bytes += text.utf8.count
        // Old thinking is mostly left out by the model's template, and pictures differ too much.
        case .reasoning, .image, .file: break
        case .toolCall(let call): bytes += call.name.utf8.count + call.arguments.utf8.count
        case .toolResult(let result):
            for part in result.content { count(part, &bytes) }
        }
    }

    private static func size(of tool: Tool) -> Int {
        switch tool {
        case .function(let tool): size(of: tool)
        case .custom(let tool): tool.name.utf8.count + (tool.description?.utf8.count ?? 0)
        case .namespace(_, let text, let tools): (text?.utf8.count ?? 0) + tools.reduce(0) { $0 + size(of: $1) }
        case .hosted: 0
        }
    }

    private static func size(of tool: FunctionTool) -> Int {
        tool.name.utf8.count + (tool.description?.utf8.count ?? 0) + (tool.parameters?.bytes.count ?? 0)
    }
}
