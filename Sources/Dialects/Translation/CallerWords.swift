import Inference
import JSON

/// What a caller's dialect calls a thing that an encoder names in the words of another.
///
/// A caller who is told what was left out or refused has to find it in the request that it sent.
enum CallerWords {
    /// A member's name, or a path that begins with one, in the caller's words; unchanged where they are the same.
    static func name(_ word: String, for caller: Dialect) -> String {
        if let own = table[word]?[caller] { return own }
        guard let end = word.firstIndex(where: { $0 == "[" || $0 == "." }) else { return word }
        guard let own = table[String(word[..<end])]?[caller] else { return word }
        return own + word[end...]
    }

    /// An error with its field in the caller's words.
    static func translate(_ error: InferenceError, for caller: CallerRequest) -> InferenceError {
        var error = error
        error.field = error.field.map { name($0, for: caller) }
        return error
    }

    /// The same, in the older form where the caller used it.
    private static func name(_ word: String, for caller: CallerRequest) -> String {
        if word == "tool_choice", caller.members["function_call"] != nil { return "function_call" }
        return name(word, for: caller.endpoint.dialect)
    }

    /// Names fit for a header: each once, in ASCII, none too long and not too many.
    ///
    /// Some of them hold what the caller wrote, so that nothing of it may end the header.
    static func list(_ words: [String], for caller: CallerRequest) -> [String] {
        var seen: Set<String> = []
        var list: [String] = []
        for word in words {
            let name = plain(name(word, for: caller))
            guard seen.insert(name).inserted else { continue }
            guard list.count < most else { return list + ["and more"] }
            list.append(name)
        }
        return list
    }

    private static let most = 40

    private static func plain(_ name: String) -> String {
        String(
            name.unicodeScalars.prefix(80).map { (0x21...0x7E).contains($0.value) && $0 != "," ? Character($0) : "?" }
        )
    }

    private static let table: [String: [Dialect: String]] = [
        "messages": [.responses: "input"],
        "input": [.chat: "messages", .messages: "messages", .ollama: "messages"],
        "response_format": [.responses: "text.format", .messages: "output_config.format", .ollama: "format"],
        "text.format": [.chat: "response_format", .messages: "output_config.format", .ollama: "format"],
        "json_schema.name": [.chat: "response_format.json_schema.name", .responses: "text.format.name"],
        "stop": [.messages: "stop_sequences", .ollama: "options.stop"],
        "stop_sequences": [.chat: "stop", .ollama: "options.stop"],
        "logprobs": [.responses: "top_logprobs"],
        "parallel_tool_calls": [.messages: "tool_choice.disable_parallel_tool_use"],
        "reasoning.summary": [.messages: "thinking.display"],
        "reasoning.encrypted_content": [
            .responses: "input[].encrypted_content", .messages: "messages[].content[].signature",
            .chat: "messages[].reasoning_content", .ollama: "messages[].thinking",
        ],
        "thinking.budget_tokens": [.chat: "reasoning.max_tokens"],
        "temperature": [.ollama: "options.temperature"],
        "top_p": [.ollama: "options.top_p"],
        "top_k": [.ollama: "options.top_k"],
        "seed": [.ollama: "options.seed"],
        "frequency_penalty": [.ollama: "options.frequency_penalty"],
        "presence_penalty": [.ollama: "options.presence_penalty"],
        "num_ctx": [.ollama: "options.num_ctx"],
    ]
}
