import Inference
import JSON

extension ChatCompletions {
    /// The calls of a streamed answer, in chunks.
    struct StreamedCalls: Sendable {
        /// Whether the caller knows the older `functions` alone, with room for one call.
        let isLegacy: Bool
        private let requestID: String
        private var custom: Set<Int> = []

        init(_ context: AnswerContext) {
            isLegacy = context.caller.members["functions"] != nil
            requestID = context.requestID
        }

        mutating func encode(_ event: InferenceEvent, _ frame: ChunkFrame, into output: inout JSONWriter) {
            switch event {
            case .toolCallStarted(let index, let call):
                if call.kind == .custom { custom.insert(index) }
                start(index, call, frame, into: &output)
            case .toolCallArgumentsDelta(let index, let text): append(index, text, frame, into: &output)
            default: break
            }
        }

        private func start(_ index: Int, _ call: ToolCall, _ frame: ChunkFrame, into output: inout JSONWriter) {
            if isLegacy {
                guard index == 0 else { return }
                return frame.write(into: &output) { writer in
                    writer.object { writer in
                        writer.key("function_call")
                        writer.object { $0.chatCall(call, arguments: "") }
                    }
                }
            }
            frame.write(into: &output) { writer in
                writer.toolCalls { writer in
                    writer.member("index", index)
                    writer.member("id", ChatCompletions.id(of: call, index, requestID))
                    writer.member("type", call.kind.rawValue)
                    writer.key(call.kind.rawValue)
                    writer.object { $0.chatCall(call, arguments: "") }
                }
            }
        }

        private func append(_ index: Int, _ text: String, _ frame: ChunkFrame, into output: inout JSONWriter) {
            guard !text.isEmpty else { return }
            if isLegacy {
                guard index == 0 else { return }
                output.frame(frame.head)
                output.frame(#"{"function_call":{"arguments":"#)
                output.string(text)
                output.frame("}}")
                return output.frame(frame.tail)
            }
            output.frame(frame.head)
            output.frame(#"{"tool_calls":[{"index":"#)
            output.int(index)
            output.frame(custom.contains(index) ? #","custom":{"input":"# : #","function":{"arguments":"#)
            output.string(text)
            output.frame("}}]}")
            output.frame(frame.tail)
        }
    }

    /// A call's id as the provider gave it, else one that is the same in every part of the answer.
    static func id(of call: ToolCall, _ index: Int, _ requestID: String) -> String {
        call.id.isEmpty ? "call_\(requestID)_\(index)" : call.id
    }
}

extension JSONWriter {
    /// A delta with one call, whose members `body` writes.
    fileprivate mutating func toolCalls(_ body: (inout JSONWriter) -> Void) {
        object { writer in
            writer.key("tool_calls")
            writer.array { $0.object(body) }
        }
    }

    /// The name and the arguments of a call, as its kind calls them.
    mutating func chatCall(_ call: ToolCall, arguments: String) {
        member("name", call.name)
        member(call.kind == .custom ? "input" : "arguments", arguments)
    }
}
