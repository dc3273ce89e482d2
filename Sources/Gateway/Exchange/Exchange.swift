import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// One request and its response, from the head to the settled record. This file is the request's way:
///
/// authenticate → admit → decode → route → attempt → relay → settle
///
/// Confined to its connection's event loop. `ExchangeStateMachine` decides what may happen; this only does it.
final class Exchange {
    let connection: ClientConnection
    let loop: LoopContext
    private let begun = NIODeadline.now()
    var state = ExchangeStateMachine()
    var record: ExchangeRecord
    var route: PublicRoute?
    private var target: RequestTarget?
    private var callerFields = Fields()
    private var caller = CallerFields(Fields())
    private var body = ByteBuffer()
    private var reservedBytes = 0
    var upstream: UpstreamExchange?
    var relay = Relay.none

    /// What becomes of the upstream's body.
    enum Relay {
        case none
        /// Events go down as they come.
        case stream(StreamRelay)
        /// The body is held until it is whole; the fields wait with it.
        case held(BodyRelay, Fields)
        /// More than may be held: the rest goes down as it comes.
        case passing
    }

    init(on connection: ClientConnection) {
        self.connection = connection
        loop = connection.loop
        record = ExchangeRecord(requestID: connection.loop.ids.next(), route: "unknown")
        loop.shared.counters.exchangeDidBegin()
    }

    // MARK: Authenticate and admit

    /// Takes the request's head: everything that can be refused without the body is refused here.
    func receiveHead(method: String, target: String, fields: Fields) {
        callerFields = fields
        caller = CallerFields(fields)
        do throws(Refusal) {
            let target = try RequestTarget(target)
            self.target = target
            noteRoute(target.path)
            let host = caller.host
            if host == nil || host != loop.checkedHost || caller.origin != nil || caller.doubled != nil {
                try loop.shared.hostRule.check(caller)
                loop.checkedHost = host
            }
            let route = try admittedRoute(method)
            if let name = caller.doubled {
                throw Refusal(.badHeader, "The \(name) field stands more than once.", field: name)
            }
            if route == .health { return answerHealth() }
            try loop.shared.authenticator.authenticate(caller)
            if route == .models { return answerModels() }
            try admit()
        } catch {
            return refuse(error)
        }
        if caller.expectsContinue, !connection.speaksOldHTTP { connection.writeContinue() }
    }

    /// Finds the route before anything can be refused, so that every refusal speaks its dialect.
    private func noteRoute(_ path: String) {
        guard let route = PublicRoute(path: path) else { return }
        self.route = route
        record.route = route.template
        record.dialect = route.endpoint?.dialect
    }

    private func admittedRoute(_ method: String) throws(Refusal) -> PublicRoute {
        guard let route else {
            throw Refusal(.routeNotFound, "There is no such route. The gateway serves \(Self.servedPaths).")
        }
        if method == route.method || (method == "HEAD" && route.method == "GET") { return route }
        if route == .responses, caller.upgrade?.isField("websocket") == true {
            throw Refusal(.upgradeRequired, "Responses over WebSocket are not served here. Use POST /v1/responses.")
                .with("upgrade", "HTTP/1.1")
        }
        throw Refusal(.methodNotAllowed, "\(route.path) takes \(route.method).").with("allow", route.allowedMethods)
    }

    private func admit() throws(Refusal) {
        try loop.shared.bodyRule.check(caller)
        let hops = caller.hops?.split(separator: ",") ?? []
        if hops.contains(loop.shared.hopID[...]) || hops.count >= Self.mostHops {
            throw Refusal(.loop, "The request has been here before: a provider leads back to this gateway.")
        }
        guard let length = caller.contentLength else { return }
        try reserve(length)
        body.reserveCapacity(min(length, Self.eagerCapacity))
    }

    private func reserve(_ bytes: Int) throws(Refusal) {
        guard loop.shared.bodyBudget.take(bytes) else {
            throw Refusal(.overloaded, "The gateway holds as many request bodies as it may. Try again.", retryAfter: 1)
                .closing()
        }
        reservedBytes += bytes
    }

    /// Takes a part of the request's body.
    func receive(_ bytes: ByteBuffer) {
        guard state.isReceiving else { return }
        let total = body.readableBytes + bytes.readableBytes
        guard total <= loop.shared.settings.limits.body else { return refuse(loop.shared.bodyRule.tooLarge) }
        do throws(Refusal) {
            if total > reservedBytes { try reserve(total - reservedBytes) }
        } catch {
            return refuse(error)
        }
        if body.readableBytes == 0, body.capacity < bytes.readableBytes {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    // MARK: Decode, route and attempt

    /// The request is whole.
    func receiveEnd() {
        guard state.requestDidEnd() else { return }
        record.bytesIn = body.readableBytes
        decodeAndRoute(mayRefresh: true)
    }

    private func decodeAndRoute(mayRefresh: Bool) {
        guard let endpoint = route?.endpoint else { return }
        do throws(Refusal) {
            let facts = try UpstreamRequestBuilder.facts(of: body, endpoint: endpoint)
            record.model = facts.model
            record.streamed = facts.stream
            let decision: RoutingTable.Decision
            do throws(Refusal) {
                decision = try loop.shared.directory.table.resolve(model: facts.model, header: caller.provider)
            } catch {
                if mayRefresh, error.body.code == InferenceError.Code.modelNotFound.rawValue, refreshAndRetry() {
                    return
                }
                throw error
            }
            try attempt(decision, facts, endpoint)
        } catch {
            refuse(error)
        }
    }

    /// A model that is unknown may have come since the providers were last asked.
    private func refreshAndRetry() -> Bool {
        guard let refreshed = loop.shared.directory.refreshIfStale(on: loop.eventLoop) else { return false }
        refreshed.assumeIsolated().whenComplete { [self] _ in
            guard !state.isSettled else { return }
            decodeAndRoute(mayRefresh: false)
        }
        return true
    }

    private func attempt(_ decision: RoutingTable.Decision, _ facts: RequestFacts, _ endpoint: Endpoint) throws(Refusal)
    {
        guard let route, let target, state.upstreamWillStart() else { return }
        let provider = decision.provider
        record.provider = provider.name
        record.upstreamModel = decision.model
        let builder = UpstreamRequestBuilder(provider: provider, route: route, model: decision.model)
        let hops = caller.hops.map { "\($0),\(loop.shared.hopID)" } ?? loop.shared.hopID
        let fields = ForwardedFields.request(from: callerFields, to: provider, requestID: record.requestID, hops: hops)
        let (request, stripsUsage) = try builder.build(body: body, facts: facts, fields: fields, query: target.query)
        body = ByteBuffer()
        streamSettings = StreamObserver.Settings(
            stripsUsageChunk: stripsUsage,
            eventLimit: loop.shared.settings.limits.event
        )
        upstream = loop.pool.start(request, responder: self)
        if !connection.isWritable { upstream?.setReading(false) }
    }

    var streamSettings = StreamObserver.Settings()

    // MARK: The client

    /// The client can take more, or cannot.
    func clientWritabilityDidChange(_ isWritable: Bool) {
        upstream?.setReading(isWritable)
    }

    /// The client closed its connection; nobody is left to answer (F12).
    func clientDidLeave() {
        guard !state.isSettled else { return }
        if case .stream(let stream) = relay { record.usage = stream.observer.usage ?? record.usage }
        record.outcome = .clientGone
        record.status = 499
        settle()
    }

    /// The gateway stops before the end; the client is told so, and the record is written all the same (F20).
    func stop() {
        switch state.failureAction() {
        case .nothing: break
        case .answer: refuse(Refusal(.shuttingDown).closing())
        case .terminate: fail(InferenceError(.interrupted, "The gateway was stopped before the end of the answer."))
        }
    }

    // MARK: Settle

    /// Ends the exchange: the upstream is let go, the memory given back and the record written.
    ///
    /// Does nothing the second time.
    func settle() {
        guard state.settle() else { return }
        upstream?.cancel()
        upstream = nil
        relay = .none
        body = ByteBuffer()
        loop.shared.bodyBudget.giveBack(reservedBytes)
        reservedBytes = 0
        record.totalMicroseconds = microseconds
        loop.shared.counters.exchangeDidSettle()
        loop.log.append(record)
    }

    /// The time since the request's head, in microseconds.
    var microseconds: Int { Int((NIODeadline.now() - begun).nanoseconds / 1_000) }

    /// Whether more of the request may still come than is worth reading only to throw it away.
    var hasLongRest: Bool {
        state.isReceiving && (caller.isChunked || caller.expectsContinue || caller.contentLength ?? 0 > Self.shortRest)
    }

    /// The fields that a caller without a known route still gives away of its dialect.
    var errorDialect: Dialect {
        route?.endpoint?.dialect ?? (caller.anthropicVersion == nil ? .chat : .messages)
    }

    private static let servedPaths = PublicRoute.allCases.map(\.path).joined(separator: ", ")
    private static let mostHops = 8
    private static let shortRest = 64 << 10
    /// A client that only claims a large body gets this much memory in advance.
    private static let eagerCapacity = 256 << 10
}
