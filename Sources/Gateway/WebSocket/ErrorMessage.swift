import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// A failure before a response's first event, as a session's clients read it: what HTTP would have said, in one message.
enum ErrorMessage {
    /// The message for a head and an error body in OpenAI's shape.
    static func bytes(status: Int, fields: Fields, body: ByteBuffer) -> ByteBuffer {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("type", "error")
            writer.member("status", status)
            writer.key("error")
            write(body, status, into: &writer)
            writer.key("headers")
            writer.object { writer in
                for name in told { if let value = fields.first(name) { writer.member(name, value) } }
                fields.forEachField { field in
                    if field.nameBegins("x-ratelimit-") { writer.member(field.nameText.lowercased(), field.valueText) }
                }
            }
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    /// What went wrong, without an exchange.
    static func bytes(_ refusal: Refusal) -> ByteBuffer {
        let body = ByteBuffer(bytes: refusal.body.bytes(for: .responses, requestID: ""))
        return bytes(status: refusal.body.status(for: .responses), fields: Fields(), body: body)
    }

    private static func write(_ body: ByteBuffer, _ status: Int, into writer: inout JSONWriter) {
        // An error that is none in OpenAI's shape is told by its status alone.
        if let error = (try? JSONDocument(Array(body.readableBytesView)))?.root["error"], error.kind == .object {
            return writer.view(error)
        }
        writer.object { writer in
            writer.member("message", "The provider answered with status \(status).")
            writer.member("type", "server_error")
            writer.key("param")
            writer.null()
            writer.member("code", "upstream_error")
        }
    }

    private static let told = ["retry-after", "retry-after-ms", "x-request-id", "x-upstream-request-id"]
}
