import JSON
import NIOCore

/// What a response object says of itself.
struct ResponseIdentity {
    let id: String
    let model: String
    /// Seconds since 1970.
    let createdAt: Int
    /// Whether the model came to an end of its own or to a limit of the request's.
    let hasEndedWell: Bool

    /// For a response that has only begun.
    init(id: String, model: String?, createdAt: Int?) {
        self.id = id
        self.model = model ?? ""
        self.createdAt = createdAt ?? 0
        hasEndedWell = false
    }

    /// Nil for what is no response object.
    init?(_ object: ByteBuffer) {
        let parts: (id: String, model: String?, createdAt: Int?, status: String?)? = object.withUnsafeReadableBytes {
            bytes in
            // What is no JSON is no response object either.
            guard let index = try? JSONIndex(scanning: bytes.bytes) else { return nil }
            func text(_ name: String) -> String? {
                index.member(name, in: bytes.bytes).flatMap { index.string($0, in: bytes.bytes) }
            }
            guard let id = text("id"), !id.isEmpty else { return nil }
            let time = index.member("created_at", in: bytes.bytes)
                .flatMap { Double(String(decoding: bytes[$0.value], as: UTF8.self)) }
            return (id, text("model"), time.flatMap { Int(exactly: $0.rounded(.down)) }, text("status"))
        }
        guard let parts else { return nil }
        id = parts.id
        model = parts.model ?? ""
        createdAt = parts.createdAt ?? 0
        // Some servers leave it out of an answer that is whole.
        hasEndedWell = parts.status == nil || parts.status == "completed" || parts.status == "incomplete"
    }

    /// The object with the id of what it continues, which a provider that was told nothing of it could not say.
    static func naming(_ previous: String, in object: ByteBuffer) -> ByteBuffer {
        object.withUnsafeReadableBytes { bytes in
            guard let index = try? JSONIndex(scanning: bytes.bytes) else { return object }
            let member = index.member("previous_response_id", in: bytes.bytes)
            guard member == nil || member?.kind == .null else { return object }
            var edits = JSONEdits(index)
            if let member {
                edits.replace(member, with: .string(previous))
            } else {
                edits.insert("previous_response_id", .string(previous))
            }
            return ByteBuffer(bytes: edits.apply(to: bytes.bytes))
        }
    }
}
