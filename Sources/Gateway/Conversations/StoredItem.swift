import JSON

/// One item of a conversation as it is listed: what callers may leave out of a request is filled in.
struct StoredItem {
    let id: String
    private let view: JSONView
    private let type: String

    /// `madeID` ends the id of an item that came without one; it has to be the same each time.
    init(_ view: JSONView, madeID: String) {
        self.view = view
        type = view["type"]?.string ?? "message"
        if let given = view["id"]?.string, !given.isEmpty { id = given } else { id = "\(Self.prefix(type))_\(madeID)" }
    }

    func write(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("type", type)
            for (key, value) in view.members where key != "id" && key != "type" && !(key == "status" && value.isNull) {
                if key == "content", type == "message", let text = value.string {
                    writer.key(key)
                    write(text, into: &writer)
                } else {
                    writer.member(key, value)
                }
            }
            if Self.withStatus.contains(type), view["status"]?.isNull ?? true { writer.member("status", "completed") }
        }
    }

    /// A text as the one part that it stands for.
    private func write(_ text: String, into writer: inout JSONWriter) {
        let isAnswer = view["role"]?.isString("assistant") ?? false
        writer.array { writer in
            writer.object { writer in
                writer.member("type", isAnswer ? "output_text" : "input_text")
                writer.member("text", text)
                if isAnswer { writer.member("annotations", JSONValue.array([])) }
            }
        }
    }

    private static func prefix(_ type: String) -> String {
        switch type {
        case "message": "msg"
        case "function_call": "fc"
        case "function_call_output": "fco"
        case "custom_tool_call": "ctc"
        case "custom_tool_call_output": "ctco"
        case "reasoning": "rs"
        case "compaction": "cmp"
        default: "item"
        }
    }

    private static let withStatus: Set<String> = [
        "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
    ]
}
