import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// What can be asked about a response that is kept, here or at its provider; only its owner can ask (T3).
extension Exchange {
    /// Answers from the store, or has the provider answer that keeps the response.
    func askForResponse() {
        guard let target, let path = ResponsePath(target.path) else { return }
        do throws(Refusal) {
            switch route {
            case .responseItems: try listItems(path.id, target.query)
            case .responseDeletion: delete(path.id)
            case .responseCancel: cancel(path.id)
            default: try retrieve(path.id, target.query)
            }
        } catch {
            refuse(error)
        }
    }

    private func retrieve(_ id: String, _ query: String) throws(Refusal) {
        guard !query.split(whereSeparator: { "?&".contains($0) }).contains("stream=true") else {
            throw Refusal(.badQuery, "A stored response is not streamed again. Ask without stream.", field: "stream")
        }
        let found = loop.shared.responses.object(of: id, owner, on: loop.eventLoop)
        whenStored(found) { (exchange, result) throws(Refusal) in
            let (facts, object) = try exchange.unwrap(result)
            if let object {
                exchange.send(object, status: 200, fields: exchange.ownFields)
            } else {
                try exchange.ask(facts)
            }
        }
    }

    private func listItems(_ id: String, _ query: String) throws(Refusal) {
        let page = try ItemPage(query: query)
        let limit = snapshot.settings.limits.body
        let found = loop.shared.responses.items(of: id, owner, page, limit: limit, on: loop.eventLoop)
        whenStored(found) { (exchange, result) throws(Refusal) in
            let (facts, list) = try exchange.unwrap(result)
            if let list {
                exchange.send(list, status: 200, fields: exchange.ownFields)
            } else {
                try exchange.ask(facts)
            }
        }
    }

    private func cancel(_ id: String) {
        whenStored(loop.shared.responses.facts(of: id, owner, on: loop.eventLoop)) {
            (exchange, result) throws(Refusal) in
            let facts = try exchange.unwrap(result)
            guard facts.isAtProvider else { throw Refusal(.notCancellable) }
            try exchange.ask(facts)
        }
    }

    private func delete(_ id: String) {
        let (store, owner, eventLoop) = (loop.shared.responses, owner, loop.eventLoop)
        whenStored(store.facts(of: id, owner, on: eventLoop)) { (exchange, result) throws(Refusal) in
            let facts = try exchange.unwrap(result)
            guard !facts.isAtProvider else { return try exchange.ask(facts) }
            exchange.whenStored(store.delete(id, owner, on: eventLoop)) { (exchange, result) throws(Refusal) in
                try exchange.unwrap(result)
                var writer = JSONWriter()
                writer.object { writer in
                    writer.member("id", id)
                    writer.member("object", "response")
                    writer.member("deleted", true)
                }
                exchange.send(ByteBuffer(bytes: writer.bytes), status: 200, fields: exchange.ownFields)
            }
        }
    }

    /// Keeps what is to be kept of a whole body that a provider has answered with, and gives back what goes down of it.
    func keeping(_ body: ByteBuffer) -> ByteBuffer {
        if turn != nil { return keepTurn(body) }
        guard route == .responseDeletion, let target, let path = ResponsePath(target.path) else { return body }
        // It is gone where it was; that it is forgotten here too is nobody's to wait for.
        _ = loop.shared.responses.delete(path.id, owner, on: loop.eventLoop)
        return body
    }

    private var notFound: Refusal {
        let id = target.flatMap { ResponsePath($0.path)?.id } ?? ""
        return Refusal(.responseNotFound, "Response with id '\(id)' not found.")
    }

    /// Has the provider answer that keeps the response.
    private func ask(_ facts: ResponseFacts) throws(Refusal) {
        guard let provider = snapshot.settings.providers.first(where: { $0.name == facts.provider }),
            rights.reach(provider), snapshot.directory.table.hasProvider(provider.name)
        else { throw notFound }
        guard let route, let target, state.upstreamWillStart() else { return }
        record.provider = provider.name
        record.upstreamDialect = .responses
        let builder = UpstreamRequestBuilder(provider: provider, route: route, model: "")
        let fields = ForwardedFields.request(
            from: callerFields,
            to: provider,
            requestID: record.requestID,
            hops: hopsToSend
        )
        let way = String(target.path.dropFirst(3)) + target.query
        start(builder.build(route.method, way, dialect: .responses, body: [], fields: fields), streams: false)
    }

    @discardableResult
    private func unwrap<Value>(_ result: Result<Value, StoreError>) throws(Refusal) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(.notFound): throw notFound
        case .failure(.unavailable): throw Refusal(.storeUnavailable, retryAfter: 1)
        case .failure(.tooLarge):
            throw Refusal(InferenceError(.contextTooLong, "The conversation has more bytes than can be listed."))
        }
    }
}
