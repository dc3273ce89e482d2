import Hummingbird
import NIOCore

/// Tenants, keys and their like on the listener.
struct IdentityRoutes: Sendable {
    let door: AdministrationDoor
    let watch: IdentityWatch

    /// All paths behind `/admin/v1/`.
    static let paths =
        IdentityKind.allCases.flatMap { [$0.rawValue, "\($0.rawValue)/:id"] }
        + ["keys/:id/rotate", "keys/:id/revoke", "audit"]

    static let methods: [HTTPRequest.Method] = [.get, .post, .patch, .delete, .put]

    /// Answers when what was changed is in force on every event loop of this gateway.
    func answer(_ request: Request, _ context: AdministrationContext) async -> Response {
        if let problem = Problem.foreign(request.headers) { return problem.response }
        do throws(AdministrationProblem) {
            _ = try door.actor(request, from: context.address)
            let asked = try await Self.read(request)
            // The body may have taken its time: a key that was revoked meanwhile does nothing more.
            let actor = try door.actor(request, from: context.address)
            let administration = IdentityAdministration(watch.store)
            do {
                let reply = try await IdentityWatch.blocking { administration.answer(asked, as: actor) }
                if asked.method != "GET", reply.status < 400 { try await watch.refresh() }
                return reply.response
            } catch {
                throw AdministrationProblem(.storeUnavailable, "\(error)")
            }
        } catch {
            return AdministrationReply(error).response
        }
    }

    private static func read(_ request: Request) async throws(AdministrationProblem) -> AdministrationRequest {
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: longestBody) } catch {
            throw AdministrationProblem(.tooLarge, "The body is longer than \(longestBody) bytes, or was broken off.")
        }
        return AdministrationRequest(
            request.method.rawValue,
            request.uri.path,
            query: request.uri.query ?? "",
            body: Array(body.readableBytesView),
            ifMatch: request.headers[.ifMatch],
            idempotencyKey: request.headers.first { $0.name.canonicalName == "idempotency-key" }?.value
        )
    }

    private static let longestBody = 256 << 10
}

extension AdministrationReply {
    var response: Response {
        var fields: HTTPFields = [.cacheControl: "no-store"]
        if !body.isEmpty { fields[.contentType] = contentType }
        if let entityTag { fields[.eTag] = entityTag }
        if status == 401 { fields[.wwwAuthenticate] = "Bearer" }
        if isReplayed, let name = HTTPFields.Element.Name("idempotency-replayed") { fields[name] = "true" }
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
