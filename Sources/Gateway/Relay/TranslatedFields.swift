import Dialects
import Inference
import Providers

/// The header fields of an exchange across dialects: most of either side mean nothing to the other.
extension ForwardedFields {
    /// The fields of the request to the provider: what is no dialect's, what the provider's dialect needs, and its key.
    static func translatedRequest(
        from caller: Fields,
        to provider: Provider,
        speaking dialect: Dialect,
        stream: Bool,
        requestID: String,
        hops: String
    ) -> Fields {
        var kept = Fields()
        for name in ["user-agent", "traceparent", "tracestate"] {
            if let value = caller.first(name) { kept.append(name, value) }
        }
        kept.append("accept", accept(dialect, stream: stream))
        if dialect == .messages { kept.append("anthropic-version", "2023-06-01") }
        return request(from: kept, to: provider, requestID: requestID, hops: hops)
    }

    private static func accept(_ dialect: Dialect, stream: Bool) -> String {
        guard stream else { return "application/json" }
        return dialect == .ollama ? "application/x-ndjson" : "text/event-stream"
    }
}

/// Names of what was left out, as one value that cannot break a header or a log line.
struct DroppedNames {
    private static let longest = 2_000

    /// Separated by `, `; nil where nothing was left out.
    let text: String?

    init(_ names: [String]) {
        var text = ""
        for name in names {
            let plain = String(
                decoding: name.utf8.map { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") ? $0 : UInt8(ascii: "?") },
                as: UTF8.self
            )
            guard text.utf8.count + plain.utf8.count < Self.longest else {
                text += ", ..."
                break
            }
            text += text.isEmpty ? plain : ", \(plain)"
        }
        self.text = text.isEmpty ? nil : text
    }
}
