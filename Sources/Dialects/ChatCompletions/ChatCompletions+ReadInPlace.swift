import JSON

extension ChatCompletions {
    /// The one text of a chunk that tells nothing else, read without making more than this text.
    struct PlainDelta {
        private(set) var text: String?
        private(set) var isReasoning = false

        /// Reads a chunk; nil for one that says anything more or anything else, or that is not JSON.
        init?(_ chunk: UnsafeRawBufferPointer) {
            // A fault is told by the reader that takes the chunk then.
            guard let delta = try? JSONPlace.scan(chunk.bytes, Self.delta(of:)) else { return nil }
            self = delta
        }

        private init() {}

        private static func delta(of chunk: JSONPlace) -> PlainDelta? {
            var choices: JSONPlace?
            let isPlain = chunk.members { name, value in
                if name.isWritten("choices") {
                    choices = value
                } else if name.isWritten("usage") || name.isWritten("error") {
                    return value.isNull
                } else if name.isWritten("object") {
                    return value.isWritten("chat.completion.chunk")
                }
                return true
            }
            guard isPlain, let choice = choices?.onlyElement else { return nil }
            var delta = PlainDelta()
            let isOnly = choice.members { name, value in
                if name.isWritten("delta") { return value.kind == .object && value.members { delta.read($0, $1) } }
                if name.isWritten("index") { return value.isZero }
                return value.isNull
            }
            return isOnly && delta.text?.isEmpty == false ? delta : nil
        }

        /// Takes a member of the delta; false for one that makes it more than a text.
        private mutating func read(_ name: JSONPlace, _ value: JSONPlace) -> Bool {
            if value.isNull || name.isWritten("role") { return true }
            let isContent = name.isWritten("content")
            guard isContent || name.isWritten("reasoning_content") || name.isWritten("reasoning") else { return false }
            // A server that sends both spellings, or an empty one beside the other, is for the thorough reader.
            guard text == nil, value.kind == .string else { return false }
            (text, isReasoning) = (value.string, !isContent)
            return true
        }
    }
}
