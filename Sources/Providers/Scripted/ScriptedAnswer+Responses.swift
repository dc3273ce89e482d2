import JSON

extension ScriptedAnswer {
    /// Responses' whole body.
    var responsesBody: [UInt8] {
        ScriptedText.json { writeResponse(&$0, isComplete: true) }
    }

    /// Responses' stream, event by event.
    var responsesEvents: [[UInt8]] {
        var number = 0
        func event(_ type: String, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
            defer { number += 1 }
            return ScriptedText.event(type) { writer in
                writer.member("type", type)
                writer.member("sequence_number", number)
                body(&writer)
            }
        }
        var events = [
            event("response.created", { writeResponse(key: "response", &$0, isComplete: false) }),
            event("response.in_progress", { writeResponse(key: "response", &$0, isComplete: false) }),
            event("response.output_item.added", { writeItem(key: "item", &$0, isComplete: false) }),
            event("response.content_part.added", { writePart(&$0, "") }),
        ]
        events += pieces.map { piece in
            event("response.output_text.delta") { writer in
                writePlace(&writer)
                writer.member("delta", piece)
            }
        }
        return events + [
            event("response.output_text.done") { writer in
                writePlace(&writer)
                writer.member("text", text)
            },
            event("response.content_part.done", { writePart(&$0, text) }),
            event("response.output_item.done", { writeItem(key: "item", &$0, isComplete: true) }),
            event("response.completed", { writeResponse(key: "response", &$0, isComplete: true) }),
        ]
    }

    private func writeResponse(key: String, _ writer: inout JSONWriter, isComplete: Bool) {
        writer.key(key)
        writer.object { writeResponse(&$0, isComplete: isComplete) }
    }

    private func writeResponse(_ writer: inout JSONWriter, isComplete: Bool) {
        writer.member("id", "resp_scripted")
        writer.member("object", "response")
        writer.member("created_at", 0)
        writer.member("status", isComplete ? "completed" : "in_progress")
        writer.member("model", prompt.model)
        writer.key("output")
        writer.array { writer in
            if isComplete { writer.object { writeItem(&$0, isComplete: true) } }
        }
        writer.key("usage")
        guard isComplete else { return writer.null() }
        writer.object { writer in
            writer.member("input_tokens", inputTokens)
            writer.key("input_tokens_details")
            writer.object { $0.member("cached_tokens", 0) }
            writer.member("output_tokens", outputTokens)
            writer.key("output_tokens_details")
            writer.object { $0.member("reasoning_tokens", 0) }
            writer.member("total_tokens", inputTokens + outputTokens)
        }
    }

    private func writeItem(key: String, _ writer: inout JSONWriter, isComplete: Bool) {
        writer.member("output_index", 0)
        writer.key(key)
        writer.object { writeItem(&$0, isComplete: isComplete) }
    }

    private func writeItem(_ writer: inout JSONWriter, isComplete: Bool) {
        writer.member("id", "msg_scripted")
        writer.member("type", "message")
        writer.member("status", isComplete ? "completed" : "in_progress")
        writer.member("role", "assistant")
        writer.key("content")
        writer.array { writer in
            if isComplete { writer.object { writeText(&$0, text) } }
        }
    }

    private func writePart(_ writer: inout JSONWriter, _ text: String) {
        writePlace(&writer)
        writer.key("part")
        writer.object { writeText(&$0, text) }
    }

    private func writePlace(_ writer: inout JSONWriter) {
        writer.member("item_id", "msg_scripted")
        writer.member("output_index", 0)
        writer.member("content_index", 0)
    }

    private func writeText(_ writer: inout JSONWriter, _ text: String) {
        writer.member("type", "output_text")
        writer.member("text", text)
        writer.key("annotations")
        writer.array { _ in }
    }
}
