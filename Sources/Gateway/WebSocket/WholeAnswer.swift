import JSON
import NIOCore

/// The messages of a response that a provider gave in one body though a stream was asked for.
struct WholeAnswer {
    private(set) var messages: [ByteBuffer] = []
    /// What a client may go on from.
    let response: EventMessages.Response

    /// Nil for bytes that are no response.
    init?(_ body: ByteBuffer) {
        // The relay has read it already; what is no response is not told as one.
        guard let root = (try? JSONDocument(Array(body.readableBytesView)))?.root, root["id"]?.string != nil else {
            return nil
        }
        response = EventMessages.Response(whole: root)
        add("response.created") { $0.member("response", root) }
        var place = 0
        for item in root["output"]?.elements ?? root.elements {
            for type in ["response.output_item.added", "response.output_item.done"] {
                add(type) { writer in
                    writer.member("output_index", place)
                    writer.member("item", item)
                }
            }
            place += 1
        }
        add("response.\(Self.ending(root["status"]?.string))") { $0.member("response", root) }
    }

    private mutating func add(_ type: String, _ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 1_024)
        writer.object { writer in
            writer.member("type", type)
            writer.member("sequence_number", messages.count)
            members(&writer)
        }
        messages.append(ByteBuffer(bytes: writer.bytes))
    }

    private static func ending(_ status: String?) -> String {
        switch status {
        case "incomplete", "failed": status ?? ""
        default: "completed"
        }
    }
}
