import JSON

/// What the scripted provider sends back: a head and a body in one or more steps.
struct ScriptedReply: Sendable, Hashable {
    var status: Int
    var contentType: String
    /// One step is a whole body with a length; several are a stream.
    var steps: [[UInt8]]

    private init(_ status: Int, _ contentType: String, _ steps: [[UInt8]]) {
        self.status = status
        self.contentType = contentType
        self.steps = steps
    }

    /// Answers a request; the same one always in the same way.
    init(method: String, path: String, body: [UInt8]) {
        switch (method, path) {
        case ("GET", "/v1/models"): self = .json(200, Self.models)
        case ("GET", "/api/tags"): self = .json(200, Self.tags)
        case ("POST", "/v1/chat/completions"):
            self = Self.answer(body) { $0.prompt.stream ? .stream($0.chatEvents) : .json(200, $0.chatBody) }
        case ("POST", "/v1/responses"):
            self = Self.answer(body) { $0.prompt.stream ? .stream($0.responsesEvents) : .json(200, $0.responsesBody) }
        case ("POST", "/v1/messages"):
            self = Self.answer(body) { $0.prompt.stream ? .stream($0.messagesEvents) : .json(200, $0.messagesBody) }
        case ("POST", "/api/chat"):
            self = Self.answer(body, streams: true) { answer in
                answer.prompt.stream
                    ? ScriptedReply(200, "application/x-ndjson", answer.ollamaLines) : .json(200, answer.ollamaBody)
            }
        default: self = .error(404, "The scripted provider has no \(method) \(path).")
        }
    }

    static func error(_ status: Int, _ message: String) -> ScriptedReply {
        let body = ScriptedText.json { writer in
            writer.key("error")
            writer.object { writer in
                writer.member("message", message)
                writer.member("type", "invalid_request_error")
            }
        }
        return .json(status, body)
    }

    private static func json(_ status: Int, _ body: [UInt8]) -> ScriptedReply {
        ScriptedReply(status, "application/json", [body])
    }

    private static func stream(_ events: [[UInt8]]) -> ScriptedReply {
        ScriptedReply(200, "text/event-stream", events)
    }

    private static func answer(
        _ body: [UInt8],
        streams: Bool = false,
        _ reply: (ScriptedAnswer) -> ScriptedReply
    ) -> ScriptedReply {
        do throws(JSONError) {
            return reply(ScriptedAnswer(try ScriptedPrompt(body: body, streams: streams)))
        } catch {
            return .error(400, "The body is not JSON: \(error.message) at byte \(error.offset).")
        }
    }

    private static let models = ScriptedText.json { writer in
        writer.member("object", "list")
        writer.key("data")
        writer.array { writer in
            writer.object { writer in
                writer.member("id", "scripted")
                writer.member("object", "model")
                writer.member("created", 0)
                writer.member("owned_by", "torii")
            }
        }
    }

    private static let tags = ScriptedText.json { writer in
        writer.key("models")
        writer.array { writer in
            writer.object { writer in
                writer.member("name", "scripted")
                writer.member("model", "scripted")
                writer.member("size", 0)
            }
        }
    }
}
