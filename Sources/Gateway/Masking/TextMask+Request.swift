import Inference
import JSON

/// What a request tells a provider, masked: texts, calls and their results, tools, and the members that have no name here.
///
/// Images and files go as they are, and so does what only the provider that made it can read.
extension TextMask {
    ///
    /// - Returns: what had to be left out, by the names that a caller is told.
    mutating func mask(_ request: inout InferenceRequest) -> [String] {
        let names = request.messages.count { $0.name != nil }
        for index in request.messages.indices { mask(&request.messages[index]) }
        for index in request.tools.indices { mask(&request.tools[index]) }
        for index in request.sampling.stop.indices { mask(&request.sampling.stop[index]) }
        if case .schema(var schema) = request.outputFormat {
            mask(&schema.description)
            mask(&schema.schema, onlyTexts: true)
            request.outputFormat = .schema(schema)
        }
        mask(&request.rest)
        return request.messages.count { $0.name != nil } < names ? ["messages[].name"] : []
    }

    private mutating func mask(_ message: inout Message) {
        // Providers take letters, digits, dashes and underscores in a name, and so no placeholder.
        if let name = message.name, masked(Array(name.utf8)) != nil { message.name = nil }
        mask(&message.content)
        mask(&message.rest)
    }

    private mutating func mask(_ content: inout [ContentPart]) {
        for index in content.indices { mask(&content[index]) }
    }

    private mutating func mask(_ part: inout ContentPart) {
        switch part {
        case .text(var text):
            mask(&text)
            part = .text(text)
        case .refusal(var text):
            mask(&text)
            part = .refusal(text)
        case .reasoning(var reasoning):
            mask(&reasoning.text)
            for index in reasoning.summary.indices { mask(&reasoning.summary[index]) }
            part = .reasoning(reasoning)
        case .toolCall(var call):
            if call.kind == .custom { mask(&call.arguments) } else { maskJSON(&call.arguments) }
            part = .toolCall(call)
        case .toolResult(var result):
            mask(&result.content)
            part = .toolResult(result)
        case .file(var file):
            mask(&file.name)
            part = .file(file)
        case .image: break
        }
    }

    private mutating func mask(_ tool: inout Tool) {
        switch tool {
        case .function(var function):
            mask(&function.description)
            if let parameters = function.parameters {
                let masked = maskedJSON(parameters.bytes, keepsNumbers: true)
                if masked != parameters.bytes, let document = try? JSONDocument(masked) {
                    function.parameters = JSONFragment(document.root)
                }
            }
            tool = .function(function)
        case .custom(var custom):
            mask(&custom.description)
            tool = .custom(custom)
        case .namespace(let name, var description, var tools):
            mask(&description)
            for index in tools.indices { mask(&tools[index]) }
            tool = .namespace(name: name, description: description, tools: tools)
        case .hosted: break
        }
    }

    private mutating func mask(_ text: inout String?) {
        guard var known = text else { return }
        mask(&known)
        text = known
    }
}
