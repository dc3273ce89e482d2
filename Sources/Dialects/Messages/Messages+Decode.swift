import Inference
import JSON

extension Messages {
    /// Reads a caller's request.
    ///
    /// - Throws: `invalidRequest` with the field and its offset: for what is malformed, and with the detail
    ///   `unsupported_by_provider` for blocks that mean something to Anthropic alone.
    static func decode(_ root: JSONView, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
        var decoder = RequestDecoder()
        return try decoder.decode(RequestObject(root), endpoint: endpoint)
    }

    /// Reads one request; a value that remembers what it has left out and which tools the conversation has loaded.
    struct RequestDecoder {
        /// What was left out, with its first place in the text.
        private var dropped: [(name: String, offset: Int)] = []
        /// What the conversation has done to the set of tools so far.
        var changes = ToolChanges()

        /// The root's members that have a place in the hub.
        private static let placed: Set<String> = [
            "model", "messages", "max_tokens", "system", "stream", "stop_sequences", "temperature", "top_p", "top_k",
            "tools", "tool_choice", "thinking", "output_config", "output_format",
        ]

        mutating func decode(_ root: RequestObject, endpoint: Endpoint) throws(InferenceError) -> CallerRequest {
            let model = try root.required("model", root.text)
            var request = InferenceRequest(model: model, messages: try instructions(root), stream: false)
            request.messages += try messages(root.required("messages", root.array))
            let forced = try readToolChoice(root, into: &request)
            request.tools = try tools(root, forced: forced)
            request.sampling = try sampling(root, endpoint)
            (request.reasoning, request.outputFormat) = try output(root)
            request.stream = try root.flag("stream") ?? false
            request.rest = JSONObject(
                root.view.members.filter { !Self.placed.contains($0.key) }.map { .init($0.key, JSONValue($0.value)) }
            )
            let names = dropped.sorted { $0.offset < $1.offset }.map(\.name)
            return CallerRequest(endpoint: endpoint, request: request, dropped: names)
        }

        /// Remembers that something was left out; `name` is the way to it without numbers.
        mutating func drop(_ name: String, at view: JSONView) {
            guard !dropped.contains(where: { $0.name == name }) else { return }
            dropped.append((name, view.offset))
        }

        /// Remembers all members of an object that nobody reads; null and false ask for nothing.
        mutating func dropUnread(_ object: RequestObject, _ path: String, read: [StaticString]) {
            for (key, value) in object.others(than: read) where value.bool != false {
                drop("\(path).\(key)", at: value)
            }
        }

        private func sampling(_ root: RequestObject, _ endpoint: Endpoint) throws(InferenceError) -> Sampling {
            let limit = try root.integer("max_tokens", in: 1 ... .max)
            if limit == nil, endpoint == .messages { throw InferenceError(request: root.view.missing("max_tokens")) }
            return Sampling(
                temperature: try root.number("temperature"),
                topP: try root.number("top_p"),
                maxOutputTokens: limit,
                stop: try root.texts("stop_sequences"),
                topK: try root.integer("top_k", in: 0 ... .max)
            )
        }
    }
}

extension InferenceError {
    /// Something that only Anthropic's own service understands, and without which the request would mean less.
    static func onlyMessages(_ what: String, at view: JSONView) -> InferenceError {
        let path = view.path
        return InferenceError(
            .invalidRequest,
            "\(path): \(what) cannot be sent to a provider of another dialect.",
            field: path,
            detail: "unsupported_by_provider",
            offset: view.offset
        )
    }

    /// A word that is none of those that may stand there.
    static func unknownWord(_ view: JSONView, wanted: String) -> InferenceError {
        let path = view.path
        let shown = String((view.string ?? view.kind.noun).prefix(64))
        return InferenceError(
            .invalidRequest,
            "\(path) must be \(wanted), not \(shown) (unknown_value at byte \(view.offset)).",
            field: path,
            detail: "unknown_value",
            offset: view.offset
        )
    }
}
