import Dialects
import NIOCore

/// What is kept of a Responses conversation when its answer has come.
extension Exchange {
    /// Keeps the response of a stream, as soon as what is kept of it is known and before the client can ask for it.
    func keepTurn(of stream: inout StreamRelay) {
        guard let turn else { return }
        let response = stream.observer.response
        if !turn.isNamed, let id = response.id {
            keepName(ResponseIdentity(id: id, model: response.model, createdAt: response.createdAt))
        }
        if let object = stream.takeKeptResponse() { _ = keepTurn(ByteBuffer(bytes: object)) }
    }

    /// Keeps a response that is whole; one that has failed is not kept, unless its provider does.
    ///
    /// - Returns: the object with the id of the response that it continues.
    func keepTurn(_ object: ByteBuffer) -> ByteBuffer {
        guard let turn, turn.stores, let identity = ResponseIdentity(object) else { return object }
        if !turn.isNamed { keepName(identity) }
        guard turn.wantsObject, identity.hasEndedWell else { return object }
        let object = turn.previous.map { ResponseIdentity.naming($0, in: object) } ?? object
        let content = KeptResponse.Turn(
            history: history,
            input: turn.input,
            object: object,
            startsAnew: turn.startsAnew
        )
        loop.shared.responses.keep(kept(identity, .here(content)))
        return object
    }

    /// Keeps whose a response is that its provider keeps.
    private func keepName(_ identity: ResponseIdentity) {
        guard let turn, turn.isAtProvider, turn.stores else { return }
        self.turn?.isNamed = true
        loop.shared.responses.keep(kept(identity, .atProvider))
    }

    private func kept(_ identity: ResponseIdentity, _ content: KeptResponse.Content) -> KeptResponse {
        KeptResponse(
            id: identity.id,
            owner: owner,
            createdAt: identity.createdAt,
            model: identity.model,
            provider: record.provider ?? "",
            previous: turn?.previous,
            content: content
        )
    }
}
