package import Inference
package import JSON

/// A caller's request, read from its dialect for a provider that speaks another.
package struct CallerRequest: Sendable {
    package var endpoint: Endpoint
    /// What is asked; `rest` holds the members of the root that the hub has no name for.
    package var request: InferenceRequest
    /// Where the caller left things that the hub has no place for and that do not change the meaning, such as
    /// `input[].status`; each name once, in the order of the text.
    package var dropped: [String]
    /// The Responses conversation that this one continues.
    package var previousResponseID: String?
    /// Whether the caller lets the answer be kept for a later `previous_response_id`.
    package var stores: Bool
    /// Whether a Chat caller wants the last chunk with the usage (`stream_options.include_usage`).
    package var includesUsage: Bool
    /// The root's members as they came, for an answer that repeats some of them; without the long ones that none does.
    package var members: JSONObject

    package init(
        endpoint: Endpoint,
        request: InferenceRequest,
        dropped: [String] = [],
        previousResponseID: String? = nil,
        stores: Bool = false,
        includesUsage: Bool = false,
        members: JSONObject = JSONObject()
    ) {
        self.endpoint = endpoint
        self.request = request
        self.dropped = dropped
        self.previousResponseID = previousResponseID
        self.stores = stores
        self.includesUsage = includesUsage
        self.members = members
    }

    /// Reads a whole body, which `RequestFacts` has checked already or which it checks now.
    ///
    /// - Throws: `invalidRequest` with the field or the byte offset: for what is malformed, and by name for what the hub
    ///   cannot carry and must not drop.
    package init(_ body: [UInt8], endpoint: Endpoint) throws(InferenceError) {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(body).root } catch { throw InferenceError(request: error) }
        switch endpoint.dialect {
        case .chat: self = try ChatCompletions.decode(root, endpoint: endpoint)
        case .responses: self = try Responses.decode(root, endpoint: endpoint)
        case .messages: self = try Messages.decode(root, endpoint: endpoint)
        case .ollama: self = try Ollama.decode(root, endpoint: endpoint)
        }
    }
}
