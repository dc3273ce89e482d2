import Inference

/// What a caller of each dialect gets for each code of `InferenceError`, as docs/errors.md shows it.
package enum ErrorTable {
    /// The table in Markdown; `type` is the same word for Chat Completions and Responses.
    package static var markdown: String {
        var lines = [
            "| Code | OpenAI: status, `type`, `code` | Responses stream: `code` | Messages: status, `type` | Ollama: status | Codex |",
            "|---|---|---|---|---|---|",
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
                exception(body.exceptions[.codex], to: body.status),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return lines.joined(separator: "\n")
    }

    /// What the gateway itself turns away, and narrower words that Codex is told in another way than their code.
    package static var refusals: String {
        var lines = ["| Word | Status | Codex |", "|---|---|---|"]
        lines += RequestFault.allCases.map { fault in
            let body = ErrorBody(fault)
            return "| `\(fault.rawValue)` | \(body.status) | \(exception(body.exceptions[.codex], to: body.status)) |"
        }
        lines += ClientAnswer.codexDetails.keys.sorted().map { word in
            "| `\(word)` | 502 | \(exception(ClientAnswer.codexDetails[word], to: 502)) |"
        }
        return lines.joined(separator: "\n")
    }

    /// What a client gets in the place of a status; empty where it is the same.
    private static func exception(_ answer: ClientAnswer?, to status: Int) -> String {
        guard let answer, answer != .status(status) else { return "" }
        return answer.description
    }
}
