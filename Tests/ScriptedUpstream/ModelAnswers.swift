/// The events of a short answer, as each dialect streams it; text and usage are what the caller says.
package enum ModelAnswers {
    /// Chat Completions, with the usage in a chunk of its own before `[DONE]`.
    package static func chat(_ words: [String], model: String = "m", input: Int = 3, output: Int = 2) -> [String] {
        let base = "\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"\(model)\""
        func chunk(_ delta: String, finish: String = "null") -> String {
            "data: {\(base),\"choices\":[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(finish)}]}\n\n"
        }
        let usage =
            "{\"prompt_tokens\":\(input),\"completion_tokens\":\(output),\"total_tokens\":\(input + output)}"
        return [chunk("{\"role\":\"assistant\",\"content\":\"\"}")]
            + words.map { chunk("{\"content\":\(quoted($0))}") }
            + [
                chunk("{}", finish: "\"stop\""), "data: {\(base),\"choices\":[],\"usage\":\(usage)}\n\n",
                "data: [DONE]\n\n",
            ]
    }

    /// Responses, from `response.created` to `response.completed`.
    package static func responses(_ words: [String], model: String = "m", input: Int = 3, output: Int = 2) -> [String] {
        var number = -1
        func event(_ type: String, _ members: String) -> String {
            number += 1
            return "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(number),\(members)}\n\n"
        }
        let text = words.joined()
        let part = "{\"type\":\"output_text\",\"text\":\(quoted(text)),\"annotations\":[]}"
        func item(_ status: String, _ content: String) -> String {
            "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"\(status)\",\"role\":\"assistant\",\"content\":[\(content)]}"
        }
        func response(_ status: String, _ output: String, _ usage: String) -> String {
            "\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,\"model\":\"\(model)\","
                + "\"status\":\"\(status)\",\"output\":[\(output)],\"usage\":\(usage)}"
        }
        let usage = "{\"input_tokens\":\(input),\"output_tokens\":\(output),\"total_tokens\":\(input + output)}"
        let place = "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0"
        let empty = "{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}"
        var events = [
            event("response.created", response("in_progress", "", "null")),
            event("response.output_item.added", "\"output_index\":0,\"item\":\(item("in_progress", ""))"),
            event("response.content_part.added", "\(place),\"part\":\(empty)"),
        ]
        events += words.map { event("response.output_text.delta", "\(place),\"delta\":\(quoted($0))") }
        events += [
            event("response.output_text.done", "\(place),\"text\":\(quoted(text))"),
            event("response.content_part.done", "\(place),\"part\":\(part)"),
            event("response.output_item.done", "\"output_index\":0,\"item\":\(item("completed", part))"),
            event("response.completed", response("completed", item("completed", part), usage)),
        ]
        return events
    }

    /// Messages, from `message_start` to `message_stop`.
    package static func messages(_ words: [String], model: String = "m", input: Int = 3, output: Int = 2) -> [String] {
        func event(_ type: String, _ members: String = "") -> String {
            "event: \(type)\ndata: {\"type\":\"\(type)\"\(members)}\n\n"
        }
        let message =
            ",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"\(model)\",\"content\":[],"
            + "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":\(input),\"output_tokens\":1}}"
        return [
            event("message_start", message),
            event("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
        ]
            + words.map {
                event("content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\(quoted($0))}")
            }
            + [
                event("content_block_stop", ",\"index\":0"),
                event(
                    "message_delta",
                    ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                        + "\"usage\":{\"output_tokens\":\(output)}"
                ),
                event("message_stop"),
            ]
    }

    /// Ollama's native chat, a line for each word and one for the end.
    package static func ollama(_ words: [String], model: String = "m", input: Int = 3, output: Int = 2) -> [String] {
        let base = "\"model\":\"\(model)\",\"created_at\":\"2026-01-01T00:00:00Z\""
        func line(_ text: String, _ rest: String) -> String {
            "{\(base),\"message\":{\"role\":\"assistant\",\"content\":\(quoted(text))},\(rest)}\n"
        }
        let end = "\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":\(input),\"eval_count\":\(output)"
        return words.map { line($0, "\"done\":false") } + [line("", end)]
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
