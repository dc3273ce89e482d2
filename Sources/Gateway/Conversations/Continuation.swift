import Dialects
import Inference
import JSON

/// Puts what was said before in front of a request that names a `previous_response_id`.
struct Continuation {
    /// All that the conversation holds so far, without instructions; the answer comes behind it.
    private let messages: [Message]
    private let bytes: Int
    private let owner: ClientIdentity
    private let store: ResponseStore

    /// Completes `caller` from the store.
    ///
    /// - Throws: `invalidRequest` with the detail `previous_response_not_found` for an id that is not kept.
    init(
        of caller: inout CallerRequest,
        bytes: Int,
        owner: ClientIdentity,
        store: ResponseStore
    ) throws(InferenceError) {
        self.owner = owner
        self.store = store
        let instructions = Self.instructions(of: caller)
        var history = ResponseStore.Conversation(messages: [], bytes: 0)
        if let id = caller.previousResponseID {
            guard let found = store.conversation(id, of: owner) else { throw Self.notFound(id) }
            history = found
            caller.request.messages.insert(contentsOf: found.messages, at: instructions)
        }
        messages = Array(caller.request.messages[instructions...])
        self.bytes = history.bytes + bytes
    }

    /// Keeps the conversation with its answer, for the request that continues it.
    func keep(_ answer: InferenceAnswer, as id: String) {
        let said = answer.message.content.reduce(into: 0) { $0 += $1.roughSize }
        let conversation = ResponseStore.Conversation(messages: messages + [answer.message], bytes: bytes + said)
        store.keep(conversation, as: id, for: owner)
    }

    /// How many messages at the front are the request's own instructions, which are not part of the conversation.
    private static func instructions(of caller: CallerRequest) -> Int {
        guard let text = caller.members["instructions"]?.string, !text.isEmpty,
            let first = caller.request.messages.first
        else { return 0 }
        return first.role == .system || first.role == .developer ? 1 : 0
    }

    private static func notFound(_ id: String) -> InferenceError {
        InferenceError(
            .invalidRequest,
            "Previous response with id '\(id.prefix(100))' not found.",
            field: "previous_response_id",
            detail: "previous_response_not_found"
        )
    }
}

extension ContentPart {
    /// About how many bytes it takes; the model's own parts are texts.
    fileprivate var roughSize: Int {
        switch self {
        case .text(let text), .refusal(let text): text.utf8.count + 64
        case .reasoning(let reasoning):
            reasoning.text.utf8.count + reasoning.summary.reduce(0) { $0 + $1.utf8.count }
                + (reasoning.signature?.utf8.count ?? 0) + (reasoning.encrypted?.utf8.count ?? 0) + 128
        case .toolCall(let call): call.arguments.utf8.count + call.name.utf8.count + 128
        case .image, .file, .toolResult: 128
        }
    }
}
