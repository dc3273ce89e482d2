import JSON

extension ScriptedAnswer {
    /// Ollama's whole body.
    var ollamaBody: [UInt8] { line(text, isLast: true) }

    /// Ollama's stream, line by line.
    var ollamaLines: [[UInt8]] {
        (pieces.map { line($0, isLast: false) } + [line("", isLast: true)]).map { $0 + [UInt8(ascii: "\n")] }
    }

    private func line(_ content: String, isLast: Bool) -> [UInt8] {
        ScriptedText.json { writer in
            writer.member("model", prompt.model)
            writer.member("created_at", "1970-01-01T00:00:00Z")
            writer.key("message")
            writer.object { writer in
                writer.member("role", "assistant")
                writer.member("content", content)
            }
            writer.member("done", isLast)
            guard isLast else { return }
            writer.member("done_reason", "stop")
            writer.member("prompt_eval_count", inputTokens)
            writer.member("eval_count", outputTokens)
        }
    }
}
