import Hummingbird
import JSON
import Logging
import NIOCore
import Synchronization

/// Finds out which operation a request is for, and has it done.
struct AdministrationResponder: HTTPResponder {
    let view: GatewayView
    let reloader: Reloader
    let watch: IdentityWatch
    let door: AdministrationDoor
    let logger: Logger
    private let paths = AdministrationPath.all
    private let document = KeptDocument()

    init(view: GatewayView, reloader: Reloader, watch: IdentityWatch, host: String, logger: Logger) {
        self.view = view
        self.reloader = reloader
        self.watch = watch
        self.logger = logger
        door = AdministrationDoor(shared: view.shared, host: host)
    }

    func respond(to request: Request, context: AdministrationContext) async throws -> Response {
        guard request.method == .head else { return try await answer(request, context) }
        return try await answer(request, context).createHeadResponse()
    }

    private func answer(_ request: Request, _ context: AdministrationContext) async throws -> Response {
        guard let path = paths.first(where: { $0.matches(request.uri.path) }) else {
            let problem = AdministrationProblem(.notFound, "There is no such path. docs/tenants.md has all.")
            return AdministrationReply(problem).response
        }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard let operation = path.operations.first(where: { $0.method == method }) else {
            let allowed = path.operations.map(\.method).joined(separator: ", ")
            var reply = AdministrationReply(
                AdministrationProblem(.methodNotAllowed, "This path takes \(allowed) and not \(method).")
            )
            reply.allowed = allowed
            return reply.response
        }
        if operation.act == .health { return try Health(status: "ok").response(from: request, context: context) }
        do throws(AdministrationProblem) {
            try Self.refuseForeign(request.headers)
            guard operation.act == .readiness || operation.act == .status else {
                return try await perform(operation, request, context).response
            }
            try door.checkHost(request)
        } catch {
            if let cause = error.cause { logger.error("the administration's store failed: \(cause)") }
            return AdministrationReply(error, isLiteLLM: LiteLLMKeys.isTheirs(operation.path)).response
        }
        return try await condition(operation.act, request, context)
    }

    /// How the gateway is: that it is well for everybody, and the rest for those who may know.
    private func condition(
        _ act: AdministrationOperation.Act,
        _ request: Request,
        _ context: AdministrationContext
    ) async throws -> Response {
        let tellsAll = await door.tellsAll(request, from: context.address)
        guard act == .readiness else {
            let status = view.status
            guard tellsAll else { return try status.outline.response(from: request, context: context) }
            return try status.response(from: request, context: context)
        }
        let readiness = view.readiness
        var response =
            tellsAll
            ? try readiness.response(from: request, context: context)
            : try readiness.outline.response(from: request, context: context)
        if !readiness.isReady { response.status = .serviceUnavailable }
        return response
    }

    private func perform(
        _ operation: AdministrationOperation,
        _ request: Request,
        _ context: AdministrationContext
    ) async throws(AdministrationProblem) -> AdministrationReply {
        switch operation.act {
        case .health, .readiness, .status: preconditionFailure("what is no reply is answered before")
        case .document:
            try door.checkHost(request)
            let version = view.shared.snapshot.settings.version
            return AdministrationReply(status: 200, body: document.bytes(version: version))
        case .metrics: return try await MetricsRoute(view: view, door: door).answer(request, context)
        case .stored:
            return try await IdentityRoutes(door: door, watch: watch, logger: logger).answer(request, context)
        case .account(let act):
            let routes = UsageRoutes(door: door, watch: watch, ledger: view.shared.ledger, logger: logger)
            return try await routes.answer(act, request, context)
        case .captures(let act):
            return try await CaptureRoutes(door: door, watch: watch, logger: logger).answer(act, request, context)
        case .live:
            return try await view.live(for: try await door.actor(request, from: context.address))
        case .reload:
            let actor = try await door.checkOperator(request, from: context.address, isOpen: true)
            return await reload(by: actor)
        case .providers:
            try await door.checkOperator(request, from: context.address, to: "sees the providers")
            return view.providers
        case .provider:
            try await door.checkOperator(request, from: context.address, to: "sees the providers")
            return try view.provider(named: AdministrationPath.lastName(of: request.uri.path))
        case .routes:
            try await door.checkOperator(request, from: context.address, to: "sees the routes")
            return view.routes
        case .explanation:
            try await door.checkOperator(request, from: context.address, to: "has routes explained")
            let body = try await IdentityRoutes.body(of: request)
            return view.explanation(of: try RouteQuestion(body))
        }
    }

    /// Keeps web pages out: one could send a request to a listener on loopback from any page that somebody opens (B17).
    private static func refuseForeign(_ fields: HTTPFields) throws(AdministrationProblem) {
        let site = fields.first { $0.name.canonicalName == "sec-fetch-site" }?.value ?? "none"
        guard fields[.origin] != nil || !["none", "same-origin"].contains(site) else { return }
        throw AdministrationProblem(
            .forbidden,
            "The request says that a web page sent it, and web pages do not administer this gateway. "
                + "Use a program on this machine, such as curl."
        )
    }

    /// Has the configuration read again, and notes who wished it.
    private func reload(by actor: AdministrationActor) async -> AdministrationReply {
        let outcome = await reloader.reload(.administration)
        guard case .success(let success) = outcome else { return AdministrationReply(outcome) }
        let administration = IdentityAdministration(watch.store)
        do {
            try await IdentityWatch.blocking { try administration.noteReload(success, by: actor) }
            return AdministrationReply(outcome)
        } catch {
            logger.error("the reload could not be noted in the audit log: \(error)")
            return AdministrationReply(outcome, remarks: ["the reload could not be noted in the audit log"])
        }
    }
}

/// A path that is served, with all that can be done on it.
struct AdministrationPath: Sendable {
    private let parts: [Substring]
    let operations: [AdministrationOperation]

    /// Those without a name in them first, so that a name does not stand in their way.
    static let all: [AdministrationPath] = {
        var templates: [String] = []
        for operation in AdministrationOperation.all where !templates.contains(operation.path) {
            templates.append(operation.path)
        }
        let paths = templates.map { template in
            AdministrationPath(
                parts: split(template),
                operations: AdministrationOperation.all.filter { $0.path == template }
            )
        }
        return paths.filter { !$0.hasNames } + paths.filter(\.hasNames)
    }()

    private var hasNames: Bool { parts.contains { $0.hasPrefix("{") } }

    /// Whether a path of a request is this one; parts that stand for a name may be anything that is not empty.
    func matches(_ path: String) -> Bool {
        let others = Self.split(path)
        return others.count == parts.count
            && zip(parts, others).allSatisfy { $0.hasPrefix("{") ? !$1.isEmpty : $0.utf8.elementsEqual($1.utf8) }
    }

    /// The name at a path's end, unescaped; nil for what is no text.
    static func lastName(of path: String) -> String? { split(path).last.flatMap { ModelPath(escaped: $0)?.name } }

    private static func split(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}

/// The OpenAPI document, which is the same for as long as the process lives: made when it is first asked for.
private final class KeptDocument: Sendable {
    private let made = Mutex<[UInt8]?>(nil)

    func bytes(version: String) -> [UInt8] {
        made.withLock { made in
            if let made { return made }
            let bytes = OpenAPIDocument(version: version).json.bytes
            made = bytes
            return bytes
        }
    }
}

/// What `/health` answers.
private struct Health: ResponseEncodable {
    let status: String
}
