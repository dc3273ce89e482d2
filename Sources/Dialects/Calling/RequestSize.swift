import Inference
import JSON

extension JSONWriter {
    /// A writer with about as much room as a request will need, so that it seldom has to grow.
    init(for request: InferenceRequest) {
        let texts = request.messages.reduce(0) { $0 + $1.size }
        self.init(capacity: texts + texts / 4 + 512 * request.tools.count + 1024)
    }
}

extension Message {
    /// The bytes of its texts, before anything is escaped, and a few for each part.
    fileprivate var size: Int { content.reduce(64) { $0 + $1.size } }
}

extension ContentPart {
    fileprivate var size: Int {
        switch self {
        case .text(let text), .refusal(let text): 64 + text.utf8.count
        case .toolCall(let call): 128 + call.arguments.utf8.count
        case .toolResult(let result): result.content.reduce(128) { $0 + $1.size }
        case .reasoning(let reasoning): 128 + reasoning.text.utf8.count + (reasoning.signature?.utf8.count ?? 0)
        case .image(let image): 128 + image.source.size
        case .file(let file): 128 + file.source.size
        }
    }
}

extension MediaSource {
    fileprivate var size: Int { if case .base64(_, let data) = self { data.utf8.count } else { 256 } }
}
