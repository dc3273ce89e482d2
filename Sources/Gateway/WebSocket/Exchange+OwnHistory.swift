import Dialects
import Inference
import NIOCore

/// A request that goes on from a response which its client remembers itself.
extension Exchange {
    /// What puts that history before the request's own items; nothing for a client that remembers nothing.
    ///
    /// - Throws: `Refusal` 400 `previous_response_not_found` for an id that the session does not know.
    func ownHistory(_ facts: RequestFacts) throws(Refusal) -> [BodyEdit] {
        guard record.transport == .webSocket else { return [] }
        let turn: TurnMembers
        do throws(InferenceError) { turn = try TurnMembers(facts.index, in: body) } catch { throw Refusal(error) }
        guard let id = turn.previousResponseID else { return [] }
        guard let found = connection.history(of: id) else { throw Refusal(Self.unknown(id)) }
        history = found
        return ContinuedRequest(turn, facts.index, in: body, behind: found).edits
    }

    private static func unknown(_ id: String) -> InferenceError {
        InferenceError(
            .invalidRequest,
            "Previous response with id '\(id.prefix(100))' not found.",
            field: "previous_response_id",
            detail: "previous_response_not_found"
        )
    }
}
