import JSON

extension ScriptedAnswer {
    /// Chat Completions' whole body.
    var chatBody: [UInt8] {
        ScriptedText.json { writer in
            writeChatHead(&writer, object: "chat.completion")
            writer.key("choices")
            writer.array { writer in
                writer.object { writer in
                    writer.member("index", 0)
                    writer.key("message")
                    writer.object { writer in
                        writer.member("role", "assistant")
                        writer.member("content", text)
                    }
                    writer.member("finish_reason", "stop")
                }
            }
            writeChatUsage(&writer)
        }
    }

    /// Chat Completions' stream, event by event.
    var chatEvents: [[UInt8]] {
        var events = [chunk(role: "assistant", content: "")]
        events += pieces.map { chunk(content: $0) }
        events.append(chunk(finish: "stop"))
        if prompt.includesUsage {
            events.append(
                ScriptedText.event { writer in
                    writeChatHead(&writer, object: "chat.completion.chunk")
                    writer.key("choices")
                    writer.array { _ in }
                    writeChatUsage(&writer)
                }
            )
        }
        return events + [Array("data: [DONE]\n\n".utf8)]
    }

    private func chunk(role: String? = nil, content: String? = nil, finish: String? = nil) -> [UInt8] {
        ScriptedText.event { writer in
            writeChatHead(&writer, object: "chat.completion.chunk")
            writer.key("choices")
            writer.array { writer in
                writer.object { writer in
                    writer.member("index", 0)
                    writer.key("delta")
                    writer.object { writer in
                        if let role { writer.member("role", role) }
                        if let content { writer.member("content", content) }
                    }
                    writer.key("finish_reason")
                    if let finish { writer.string(finish) } else { writer.null() }
                }
            }
        }
    }

    private func writeChatHead(_ writer: inout JSONWriter, object: String) {
        writer.member("id", "chatcmpl-scripted")
        writer.member("object", object)
        writer.member("created", 0)
        writer.member("model", prompt.model)
    }

    private func writeChatUsage(_ writer: inout JSONWriter) {
        writer.key("usage")
        writer.object { writer in
            writer.member("prompt_tokens", inputTokens)
            writer.member("completion_tokens", outputTokens)
            writer.member("total_tokens", inputTokens + outputTokens)
        }
    }
}
