import Inference

/// What a caller of each dialect gets for each code of `InferenceError`, as docs/errors.md shows it.
package enum ErrorTable {
    /// The table in Markdown; `type` is the same word for Chat Completions and Responses.
    package static var markdown: String {
        var lines = [
            "| Code | OpenAI: status, `type`, `code` | Responses stream: `code` | Messages: status, `type` | Ollama: status |",
            "|---|---|---|---|---|",
        ]
        lines += InferenceError.Code.allCases.map { code in
            let error = InferenceError(code, "")
            let body = ErrorBody(error)
            let cells = [
                "`\(code.rawValue)`",
                "\(body.status(for: .chat)) `\(body.openAIType)` `\(body.code)`",
                "`\(TerminalEvent.responsesCode(error))`",
                "\(body.status(for: .messages)) `\(body.messagesType)`",
                "\(body.status(for: .ollama))",
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return lines.joined(separator: "\n")
    }
}
