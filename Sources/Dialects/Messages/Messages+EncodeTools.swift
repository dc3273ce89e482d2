import Inference
import JSON

extension Messages {
    static func writeTools(_ request: InferenceRequest, into writer: inout JSONWriter) throws(InferenceError) {
        guard !request.tools.isEmpty else { return }
        writer.key("tools")
        try writer.array { (writer) throws(InferenceError) in
            for tool in request.tools { try write(tool, into: &writer) }
        }
        guard request.toolChoice != nil || request.allowsParallelToolCalls != nil else { return }
        writer.key("tool_choice")
        writer.object { writer in
            switch request.toolChoice {
            case nil, .auto: writer.member("type", "auto")
            case .some(.none): writer.member("type", "none")
            case .required: writer.member("type", "any")
            case .tool(let name, _):
                writer.member("type", "tool")
                writer.member("name", name)
            }
            if let allows = request.allowsParallelToolCalls, request.toolChoice != .some(.none) {
                writer.member("disable_parallel_tool_use", !allows)
            }
        }
    }

    private static func write(_ tool: Tool, into writer: inout JSONWriter) throws(InferenceError) {
        switch tool {
        case .function(let function): write(function, into: &writer)
        case .hosted(let type, let members):
            writer.object { writer in
                writer.member("type", type)
                writer.rest(members, without: ["type"])
            }
        case .custom, .namespace: throw .cannotCarry("The tool \(tool.name)", .messages, field: "tools")
        }
    }

    private static func write(_ function: FunctionTool, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", function.name)
            writer.memberIfPresent("description", function.description)
            writer.key("input_schema")
            writeSchema(function.parameters, into: &writer)
            // Not to be strict is what happens anyway, and not every server knows the word.
            if function.strict == true { writer.member("strict", true) }
        }
    }

    /// A schema has to say that it is an object's.
    private static func writeSchema(_ schema: JSONFragment?, into writer: inout JSONWriter) {
        guard let schema, case let view = schema.view, view.kind == .object else {
            return writer.fragment(FunctionForm.noParameters)
        }
        guard view["type"] == nil else { return writer.fragment(schema) }
        writer.object { writer in
            writer.member("type", "object")
            for (key, value) in view.members { writer.member(key, value) }
        }
    }
}
