package import Inference
import JSON

/// An estimate of how many tokens a request is, for when the provider does not count.
///
/// The rule: texts are counted as `TextTokens` counts them; each message costs 4 more, a call 8, a result 6, a tool 10,
/// and the request 3, which is about what the usual chat templates put around them. An image costs 1,000, or 85 if it may
/// be looked at roughly; of a file, text counts as text, and everything else by its bytes. Thinking that only its provider
/// can read is not counted. English and code come out within some 15 % of byte-pair tokenizers, other scripts less well.
/// The same request has the same estimate everywhere.
package enum TokenEstimate {
    /// The tokens that the model reads before it answers.
    package static func tokens(of request: InferenceRequest) -> Int {
        var sum = 3
        for message in request.messages {
            sum += 4 + (message.name.map { tokens(in: $0) } ?? 0)
            for part in message.content { sum += tokens(of: part) }
        }
        for tool in request.tools { sum += 10 + tokens(of: tool) }
        if case .schema(let schema) = request.outputFormat { sum += tokens(in: schema.schema) }
        return sum
    }

    /// The tokens of a text.
    package static func tokens(in text: String) -> Int {
        var counter = TextTokens()
        for byte in text.utf8 { counter.take(byte) }
        return counter.tokens
    }

    /// The answer of an endpoint that counts tokens.
    package static func body(_ tokens: Int, for endpoint: Endpoint) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            if endpoint.dialect == .responses { writer.member("object", "response.input_tokens") }
            writer.member("input_tokens", tokens)
        }
        return writer.bytes
    }

    private static func tokens(in value: JSONValue) -> Int {
        var counter = TextTokens()
        for byte in value.bytes { counter.take(byte) }
        return counter.tokens
    }

    private static func tokens(of part: ContentPart) -> Int {
        switch part {
        case .text(let text), .refusal(let text): tokens(in: text)
        case .image(let image): image.detail == "low" ? 85 : 1000
        case .file(let file): tokens(of: file)
        case .reasoning(let reasoning): tokens(in: reasoning.text)
        case .toolCall(let call): 8 + tokens(in: call.name) + tokens(in: call.arguments)
        case .toolResult(let result): result.content.reduce(6) { $0 + tokens(of: $1) }
        }
    }

    private static func tokens(of tool: Tool) -> Int {
        switch tool {
        case .function(let function): tokens(of: function)
        case .custom(let tool):
            tokens(in: tool.name) + tokens(in: tool.description ?? "") + (tool.format.map { tokens(in: $0) } ?? 0)
        case .namespace(let name, let description, let tools):
            tools.reduce(tokens(in: name) + tokens(in: description ?? "")) { $0 + 10 + tokens(of: $1) }
        case .hosted(let type, let members): tokens(in: type) + tokens(in: .object(members))
        }
    }

    private static func tokens(of function: FunctionTool) -> Int {
        tokens(in: function.name) + tokens(in: function.description ?? "")
            + (function.parameters.map { tokens(in: $0.value) } ?? 0)
    }

    /// A page of a PDF is some 40 KB and reads as some 2,000 tokens.
    private static func tokens(of file: File) -> Int {
        guard case .base64(let mediaType, let data) = file.source else { return 2000 }
        let bytes = data.utf8.count / 4 * 3
        return mediaType.hasPrefix("text/") ? bytes / 4 : max(500, bytes / 20)
    }
}
