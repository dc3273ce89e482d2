import Inference
import JSON

extension Responses.ResponseObject {
    /// What a response repeats of its request, and the specification's defaults where the caller was silent.
    ///
    /// `truncation` tells what is done, not what was allowed: nothing is ever cut here.
    static func members(repeating caller: CallerRequest) -> [UInt8] {
        let request = caller.request
        let members = caller.members
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("background", false)
            for name in ["instructions", "max_tool_calls", "previous_response_id", "prompt_cache_key"] {
                writer.member(name, members[name] ?? .null)
            }
            let most = request.sampling.maxOutputTokens
            writer.member("max_output_tokens", most.map { .number(JSONNumber($0)) } ?? .null)
            writer.member("metadata", members["metadata"] ?? [:])
            writer.member("parallel_tool_calls", request.allowsParallelToolCalls ?? true)
            writer.member("prompt_cache_retention", members["prompt_cache_retention"] ?? .null)
            write(request.reasoning, into: &writer)
            writer.member("safety_identifier", members["safety_identifier"] ?? .null)
            let tier = members["service_tier"]?.string
            writer.member("service_tier", tier == nil || tier == "auto" ? "default" : tier ?? "")
            writer.member("store", caller.stores)
            write(request.sampling, into: &writer)
            write(request.outputFormat, verbosity: members["text"]?["verbosity"]?.string, into: &writer)
            writer.member("tool_choice", members["tool_choice"] ?? "auto")
            writer.key("tools")
            writer.array { writer in
                for tool in request.tools { write(tool, into: &writer) }
            }
            writer.member("top_logprobs", request.topLogprobs ?? 0)
            writer.member("truncation", "disabled")
            writer.member("user", members["user"] ?? .null)
        }
        return Array(writer.bytes.dropFirst().dropLast())
    }

    private static func write(_ reasoning: ReasoningOptions?, into writer: inout JSONWriter) {
        writer.key("reasoning")
        writer.object { writer in
            writer.member("effort", reasoning?.effort.map { .string($0.rawValue) } ?? .null)
            writer.member("summary", reasoning?.summary.map { .string($0) } ?? .null)
        }
    }

    private static func write(_ sampling: Sampling, into writer: inout JSONWriter) {
        writer.member("temperature", sampling.temperature ?? 1)
        writer.member("top_p", sampling.topP ?? 1)
        writer.member("presence_penalty", sampling.presencePenalty ?? 0)
        writer.member("frequency_penalty", sampling.frequencyPenalty ?? 0)
    }

    private static func write(_ format: OutputFormat?, verbosity: String?, into writer: inout JSONWriter) {
        writer.key("text")
        writer.object { writer in
            writer.key("format")
            switch format {
            case nil, .text: writer.object { $0.member("type", "text") }
            case .json: writer.object { $0.member("type", "json_object") }
            case .schema(let schema):
                writer.object { writer in
                    writer.member("type", "json_schema")
                    writer.member("name", schema.name)
                    writer.member("description", schema.description.map { .string($0) } ?? .null)
                    writer.member("schema", schema.schema)
                    writer.member("strict", schema.strict ?? false)
                }
            }
            writer.member("verbosity", verbosity ?? "medium")
        }
    }

    /// A function with all members that the specification wants, null where the caller had none; others as they are.
    private static func write(_ tool: Tool, into writer: inout JSONWriter) {
        guard case .function(let function) = tool else { return Responses.write(tool, into: &writer) }
        writer.object { writer in
            writer.member("type", "function")
            writer.member("name", function.name)
            writer.member("description", function.description.map { .string($0) } ?? .null)
            writer.key("parameters")
            if let schema = function.parameters { writer.fragment(schema) } else { writer.null() }
            writer.member("strict", function.strict.map { .bool($0) } ?? .null)
        }
    }
}
