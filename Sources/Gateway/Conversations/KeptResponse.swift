import NIOCore

/// A response to be kept: its own turn, and the name of the one that it continues.
struct KeptResponse: Sendable, Weighted {
    let id: String
    let owner: Owner
    /// Seconds since 1970.
    let createdAt: Int
    let model: String
    /// The provider's name in the configuration.
    let provider: String
    /// The id of the response that this one continues.
    let previous: String?
    let content: Content

    /// Where what was said is.
    enum Content: Sendable {
        case here(Turn)
        /// At the provider, which keeps its responses itself; nothing is known of it but whose it is.
        case atProvider
    }

    /// What was said in one turn.
    struct Turn: Sendable {
        /// What came before, for a store that does not have it.
        var history: History
        /// The caller's own items, a run as `ItemRun` cuts it.
        var input: ByteBuffer
        /// The whole response object.
        var object: ByteBuffer
        /// Whether the output says in short all that came before it, so that the conversation goes on from there.
        var startsAnew: Bool
    }

    /// About how much memory it takes while it waits to be written.
    var weight: Int {
        guard case .here(let turn) = content else { return 512 }
        return turn.input.readableBytes + turn.object.readableBytes + 512
    }
}

/// What came before a turn.
enum Past: Sendable, Hashable {
    /// All of it.
    case here(History)
    /// The provider of this name has it.
    case atProvider(String)
}

/// What is known of a response without its content.
struct ResponseFacts: Sendable, Hashable {
    let id: String
    /// The provider that made it, by its name in the configuration.
    let provider: String
    /// Whether the provider keeps it itself.
    let isAtProvider: Bool
}
