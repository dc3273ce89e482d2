import Inference
import JSON

extension Responses {
    /// Reads a caller's request.
    ///
    /// Items that one turn of the assistant is made of become one message, and so do the results that follow each
    /// other, because that is what the other dialects call a turn.
    static func decode(_ root: JSONView, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
        guard root.kind == .object else { throw Value(root).wrong("an object") }
        var decoder = RequestDecoder()
        for (key, value) in root.members where !value.isNull { try decoder.read(key, Value(value)) }
        return try decoder.finish(root, endpoint)
    }

    /// What has been read of a request.
    struct RequestDecoder {
        var request = InferenceRequest(model: "", messages: [], stream: false)
        var dropped: [String] = []
        private var instructions: String?
        private var input: Value?
        private var tools: Value?
        private var toolChoice: Value?
        private var includesLogprobs = false
        private var topLogprobs: Int?
        private var stores = true
        private var previousResponseID: String?
        private var rest: [JSONObject.Member] = []
        private var members: [JSONObject.Member] = []

        /// Reads a member of the root, in whatever order they come.
        mutating func read(_ key: String, _ value: Value) throws(InferenceError) {
            // The two large ones are not repeated from here.
            guard key != "input", key != "tools" else {
                if key == "input" { input = value } else { tools = value }
                return
            }
            members.append(JSONObject.Member(key, JSONValue(value.view)))
            switch key {
            case "model": request.model = try value.string()
            case "instructions": instructions = try value.string()
            case "tool_choice": toolChoice = value
            case "stream": request.stream = try value.flag()
            case "parallel_tool_calls": request.allowsParallelToolCalls = try value.flag()
            case "include": try readInclude(value)
            case "reasoning": try readReasoning(value)
            case "text": try readText(value)
            case "store": stores = try value.flag()
            case "previous_response_id": previousResponseID = try value.string()
            default:
                guard try !readSampling(key, value) else { return }
                try check(key, value)
                rest.append(members[members.count - 1])
            }
        }

        private mutating func readSampling(_ key: String, _ value: Value) throws(InferenceError) -> Bool {
            switch key {
            case "temperature": request.sampling.temperature = try value.number(in: 0...2)
            case "top_p": request.sampling.topP = try value.number(in: 0...1)
            case "presence_penalty": request.sampling.presencePenalty = try value.number(in: -2...2)
            case "frequency_penalty": request.sampling.frequencyPenalty = try value.number(in: -2...2)
            case "max_output_tokens": request.sampling.maxOutputTokens = try value.integer(in: 1 ... .max)
            case "top_logprobs": topLogprobs = try value.integer(in: 0...20)
            default: return false
            }
            return true
        }

        /// The kinds of the members that are passed on or repeated as they are.
        private func check(_ key: String, _ value: Value) throws(InferenceError) {
            switch key {
            case "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier":
                _ = try value.string()
            case "metadata", "client_metadata", "stream_options": _ = try value.object()
            case "prompt_cache_options":
                var options = try value.object()
                if try options.take("prewarm")?.flag() == true { throw options.unsupported("A prewarming") }
            case "background": _ = try value.flag()
            case "max_tool_calls": _ = try value.integer(in: 1 ... .max)
            case "truncation": _ = try value.word(Truncation.self)
            default: break
            }
        }

        private mutating func readInclude(_ value: Value) throws(InferenceError) {
            for element in try value.elements() {
                if try Value(element).string() == "message.output_text.logprobs" {
                    includesLogprobs = true
                } else {
                    note("include")
                }
            }
        }

        /// Puts together what had to wait for other members.
        mutating func finish(_ root: JSONView, _ endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
            if let instructions { request.messages.append(Message(.system, instructions)) }
            if let tools { for tool in try tools.elements() { try readTool(tool) } }
            if let input {
                try readInput(input)
            } else if previousResponseID == nil {
                throw InferenceError(request: root.missing("input"))
            }
            if let toolChoice { try readToolChoice(toolChoice) }
            if includesLogprobs || (topLogprobs ?? 0) > 0 { request.topLogprobs = topLogprobs ?? 0 }
            request.rest = JSONObject(rest)
            let counts = endpoint == .inputTokens
            if counts { request.stream = false }
            return CallerRequest(
                endpoint: endpoint,
                request: request,
                dropped: dropped,
                previousResponseID: previousResponseID,
                stores: stores && !counts,
                members: JSONObject(members)
            )
        }

        /// Names something that is left out, once.
        mutating func note(_ name: String) {
            if !dropped.contains(name) { dropped.append(name) }
        }

        /// Names the members that were not needed, but for the bookkeeping of a stored item.
        mutating func note(left members: Members, at path: String) {
            for member in members.left(but: ["id", "status", "type"]) { note("\(path).\(member.key)") }
        }
    }

    /// What a provider may do with an input that is too long.
    private enum Truncation: String, CaseIterable {
        case auto, disabled
    }
}
