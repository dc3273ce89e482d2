package import JSON

/// One turn of a conversation by one side.
package struct Message: Sendable, Equatable {
    package enum Role: String, Sendable, Hashable, CaseIterable {
        /// Instructions of the operator.
        case system
        /// Instructions of the developer; `system` where a dialect has no such role.
        case developer
        case user
        case assistant
        /// Results of tool calls.
        case tool
    }

    package var role: Role
    /// In order, which matters: reasoning stands before the call that it led to.
    package var content: [ContentPart]
    /// The speaker's name, where a dialect lets several share a role.
    package var name: String?
    /// Members that the hub has no name for.
    package var rest: JSONObject

    package init(_ role: Role, _ content: [ContentPart], name: String? = nil, rest: JSONObject = JSONObject()) {
        self.role = role
        self.content = content
        self.name = name
        self.rest = rest
    }

    package init(_ role: Role, _ text: String) {
        self.init(role, [.text(text)])
    }
}

/// A piece of a message.
package enum ContentPart: Sendable, Equatable {
    case text(String)
    case image(Image)
    case file(File)
    /// The model's own words for that it will not answer.
    case refusal(String)
    case reasoning(Reasoning)
    case toolCall(ToolCall)
    case toolResult(ToolResult)
}

/// Where the bytes of an image or a file are.
package enum MediaSource: Sendable, Hashable {
    /// Passed on, never fetched.
    case url(String)
    case base64(mediaType: String, data: String)
    /// The name of an upload at the provider.
    case upload(String)
}

/// An image for a model that can see.
package struct Image: Sendable, Hashable {
    package var source: MediaSource
    /// `low`, `high` or `auto`.
    package var detail: String?

    package init(_ source: MediaSource, detail: String? = nil) {
        self.source = source
        self.detail = detail
    }
}

/// A document.
package struct File: Sendable, Hashable {
    package var source: MediaSource
    package var name: String?

    package init(_ source: MediaSource, name: String? = nil) {
        self.source = source
        self.name = name
    }
}

/// What a model thought, as far as it told.
package struct Reasoning: Sendable, Hashable {
    /// The thinking itself.
    package var text: String
    /// The provider's retelling of it, in parts.
    package var summary: [String]
    /// The provider's proof that the text is its own; has to go back with it unchanged.
    package var signature: String?
    /// The thinking in a form that only the provider that made it can read; it goes back to no other.
    package var encrypted: String?
    package var id: String?

    package init(
        text: String = "",
        summary: [String] = [],
        signature: String? = nil,
        encrypted: String? = nil,
        id: String? = nil
    ) {
        self.text = text
        self.summary = summary
        self.signature = signature
        self.encrypted = encrypted
        self.id = id
    }
}
