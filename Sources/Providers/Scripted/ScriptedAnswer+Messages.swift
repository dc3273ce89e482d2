import JSON

extension ScriptedAnswer {
    /// Messages' whole body.
    var messagesBody: [UInt8] {
        ScriptedText.json { writer in
            writeMessage(&writer, content: text, stop: "end_turn", output: outputTokens)
        }
    }

    /// Messages' stream, event by event.
    var messagesEvents: [[UInt8]] {
        var events = [
            event("message_start") { writer in
                writer.key("message")
                writer.object { writeMessage(&$0, content: nil, stop: nil, output: 0) }
            },
            event("content_block_start") { writer in
                writer.member("index", 0)
                writer.key("content_block")
                writer.object { writeText(&$0, "") }
            },
        ]
        events += pieces.map { piece in
            event("content_block_delta") { writer in
                writer.member("index", 0)
                writer.key("delta")
                writer.object { writer in
                    writer.member("type", "text_delta")
                    writer.member("text", piece)
                }
            }
        }
        return events + [
            event("content_block_stop") { $0.member("index", 0) },
            event("message_delta") { writer in
                writer.key("delta")
                writer.object { writer in
                    writer.member("stop_reason", "end_turn")
                    writer.key("stop_sequence")
                    writer.null()
                }
                writer.key("usage")
                writer.object { $0.member("output_tokens", outputTokens) }
            },
            event("message_stop") { _ in },
        ]
    }

    private func event(_ type: String, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        ScriptedText.event(type) { writer in
            writer.member("type", type)
            body(&writer)
        }
    }

    private func writeMessage(_ writer: inout JSONWriter, content: String?, stop: String?, output: Int) {
        writer.member("id", "msg_scripted")
        writer.member("type", "message")
        writer.member("role", "assistant")
        writer.member("model", prompt.model)
        writer.key("content")
        writer.array { writer in
            if let content { writer.object { writeText(&$0, content) } }
        }
        writer.key("stop_reason")
        if let stop { writer.string(stop) } else { writer.null() }
        writer.key("stop_sequence")
        writer.null()
        writer.key("usage")
        writer.object { writer in
            writer.member("input_tokens", inputTokens)
            writer.member("output_tokens", output)
        }
    }

    private func writeText(_ writer: inout JSONWriter, _ text: String) {
        writer.member("type", "text")
        writer.member("text", text)
    }
}
