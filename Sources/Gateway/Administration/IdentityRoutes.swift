import Hummingbird
import Logging
import NIOCore

/// Tenants, keys and their like on the listener.
struct IdentityRoutes: Sendable {
    let door: AdministrationDoor
    let watch: IdentityWatch
    let logger: Logger

    /// Answers when what was changed is in force on every event loop of this gateway.
    ///
    /// What is done is never told as not done: where it cannot be brought into force just now, the watch does so as
    /// soon as the store can be read.
    func answer(
        _ request: Request,
        _ context: AdministrationContext
    ) async throws(AdministrationProblem) -> AdministrationReply {
        _ = try await door.actor(request, from: context.address)
        let asked = try await Self.read(request)
        // The body may have taken its time: a key that was revoked meanwhile does nothing more.
        let actor = try await door.actor(request, from: context.address)
        return try await watch.turns.take(for: actor) { () async throws(AdministrationProblem) in
            try await perform(asked, as: actor)
        }
    }

    private func perform(
        _ asked: AdministrationRequest,
        as actor: AdministrationActor
    ) async throws(AdministrationProblem) -> AdministrationReply {
        let administration = IdentityAdministration(watch.store)
        let reply: AdministrationReply
        do {
            reply = try await IdentityWatch.blocking { [watch] in
                let done = administration.answer(asked, as: actor)
                if asked.method != "GET", done.status < 400 { watch.noteChange() }
                return done
            }
        } catch {
            throw .store(error)
        }
        if let cause = reply.cause { logger.error("the administration's store failed: \(cause)") }
        guard asked.method != "GET", reply.status < 400 else { return reply }
        do { try await watch.refresh() } catch {
            logger.error("what was changed is not in force yet, because the identities cannot be read: \(error)")
        }
        return reply
    }

    private static func read(_ request: Request) async throws(AdministrationProblem) -> AdministrationRequest {
        // What has no body in the document has none that is looked at.
        let hasBody = request.method == .post || request.method == .patch
        return AdministrationRequest(
            request.method == .head ? "GET" : request.method.rawValue,
            request.uri.path,
            query: request.uri.query ?? "",
            body: hasBody ? try await body(of: request) : [],
            ifMatch: request.headers[.ifMatch],
            idempotencyKey: request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
        )
    }

    static func body(of request: Request) async throws(AdministrationProblem) -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: longestBody).readableBytesView)
        } catch {
            throw AdministrationProblem(.tooLarge, "The body is longer than \(longestBody) bytes, or was broken off.")
        }
    }

    private static let longestBody = 256 << 10
}

extension AdministrationReply {
    var response: Response {
        var fields: HTTPFields = [.cacheControl: "no-store"]
        if !body.isEmpty || mediaType != nil { fields[.contentType] = contentType }
        if let entityTag { fields[.eTag] = entityTag }
        if let allowed { fields[.allow] = allowed }
        if status == 503 { fields[.retryAfter] = "1" }
        if status == 401 { fields[.wwwAuthenticate] = "Bearer" }
        if isCut, let name = HTTPFields.Element.Name("x-torii-cut") { fields[name] = "true" }
        if let next, let name = HTTPFields.Element.Name("x-torii-next") { fields[name] = next }
        if isReplayed, let name = HTTPFields.Element.Name("idempotency-replayed") { fields[name] = "true" }
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
