import Dialects
import Inference
import JSON
import NIOCore

/// Makes one message of each event of a stream, and notes what the response came to.
struct EventMessages {
    /// What the events told of the response.
    struct Response {
        fileprivate(set) var id: String?
        /// Its finished items, as `History` keeps them.
        fileprivate(set) var output = ByteBuffer()
        /// Whether it came to a good end, so that a client may go on from it.
        fileprivate(set) var isWhole = false
        /// Whether it says in short all that came before it, so that nothing else has to be said again.
        fileprivate(set) var startsAnew = false

        fileprivate init() {}

        /// What a whole response object says.
        init(whole root: JSONView) {
            end(root)
            isWhole = root["status"]?.string != "failed"
        }

        /// Adds one more item.
        fileprivate mutating func add(_ item: JSONView) {
            if output.readableBytes > 0 { output.writeStaticString(",") }
            output.writeBytes(item.raw)
            if item["type"]?.string == "compaction" { startsAnew = true }
        }

        /// Takes the response object at a good end; its items count where none came before.
        fileprivate mutating func end(_ response: JSONView) {
            id = response["id"]?.string
            isWhole = true
            guard output.readableBytes == 0, let items = response["output"] else { return }
            for item in items.elements { add(item) }
        }
    }

    // The relay has bounded each event already.
    private var events = ServerSentEvents(limit: .max)
    private(set) var response = Response()

    /// Takes events, whole or in parts, and hands over the data of each that is whole.
    mutating func take(_ bytes: ByteBuffer, emit: (ByteBuffer) -> Void) {
        var response = response
        do throws(InferenceError) {
            _ = try bytes.withUnsafeReadableBytes { (chunk) throws(InferenceError) in
                try events.scan(chunk) { (event) throws(InferenceError) in
                    guard event.data.first == UInt8(ascii: "{") else { return }
                    Self.note(event, &response)
                    emit(ByteBuffer(bytes: event.data))
                }
            }
        } catch {
            preconditionFailure("an event without a limit is too long: \(error)")
        }
        self.response = response
    }

    private static func note(_ event: ServerSentEvent, _ response: inout Response) {
        guard event.name.isEmpty || isNoted(event.name) else { return }
        // What is no JSON the relay has told already; there is nothing to note then.
        guard let root = (try? JSONDocument(Array(event.data)))?.root else { return }
        switch root["type"]?.string {
        case "response.output_item.done": if let item = root["item"] { response.add(item) }
        case "response.completed", "response.incomplete": if let whole = root["response"] { response.end(whole) }
        default: break
        }
    }

    private static func isNoted(_ name: UnsafeRawBufferPointer) -> Bool {
        noted.contains { $0.utf8CodeUnitCount == name.count && begins(name, $0) }
    }

    private static func begins(_ name: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        text.withUTF8Buffer { name.elementsEqual($0) }
    }

    private static let noted: [StaticString] = [
        "response.output_item.done", "response.completed", "response.incomplete",
    ]
}
