import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// One request and its response, from the head to the settled record. This file is the request's way:
///
/// authenticate → admit → decode → route → attempt → relay → settle
///
/// Confined to its client's event loop. `ExchangeStateMachine` decides what may happen; this only does it.
final class Exchange {
    let connection: any ExchangeClient
    let loop: LoopContext
    /// The configuration from the head to the end, whatever a reload does meanwhile (F24).
    let snapshot: Snapshot
    let begun: NIODeadline
    var state = ExchangeStateMachine()
    var record: ExchangeRecord
    var route: PublicRoute?
    private(set) var target: RequestTarget?
    private(set) var callerFields = Fields()
    private(set) var caller = CallerFields(Fields())
    private(set) var identity = ClientIdentity.anonymous {
        didSet { noteIdentity() }
    }
    /// Whether it is known who asks, so that the request counts for somebody.
    private(set) var isAdmitted = false
    /// What it takes to find out who asks, while that is waited for.
    private var keysToCome: EventLoopFuture<Void>?
    /// The model that stands in the path.
    private(set) var modelInPath = ""
    /// What rules and limits ask of the body, once one of them has asked.
    private var knownTraits: RequestTraits?
    /// The prompt's tokens by the same, where somebody has asked.
    var expectedInput: Int? { knownTraits?.tokens }
    /// Where the request may go; nil until it is routed.
    var plan: RoutePlan?
    /// Whether a copy of the request went to a second target.
    var hasShadow = false
    var body = ByteBuffer()
    private var reservedBytes = 0
    /// What was taken of limits; nil where there are none.
    var admission: Admission?
    /// What the request may cost, and what it came to.
    var bill = ExchangeBill()
    /// The tenant's load, while the exchange counts in it.
    var countedLoad: TenantLoad?
    /// The client's wish to go on in WebSocket.
    private(set) var handshake: Handshake?
    /// Whether a message only lays down what the next one goes on from.
    var isWarmUp = false
    /// Undoes the body's coding; nil for one that comes as it is.
    private var inflater: BodyInflater?
    /// What has come of a coded body.
    private var codedBytes = 0
    /// Since when the exchange waits for word of what its provider speaks.
    var awaitsDialectSince: NIODeadline?
    var upstream: UpstreamExchange?
    var relay = Relay.none
    var streamSettings = StreamObserver.Settings()
    /// Watches a stream for the time in which its client hears nothing.
    var watch: StreamWatch?
    /// What an exchange across dialects needs.
    var translating: TranslatingRelay?
    /// The same for vectors.
    var embedding: EmbeddingTranslation?
    /// Puts the originals into the answer to a request that was masked within its own bytes.
    var completion: CompletionUnmasking?
    /// The attempts of a request that goes to a model.
    var attempts: AttemptLoop?
    /// What is held back of a stream that passes as its own bytes.
    var startUp: StartUp?
    /// Whether more waits for the client than the connection holds.
    private var isClientBehind = false
    /// The turn of a Responses conversation that this is.
    var turn: ConversationTurn?
    /// What was said before a Responses request that goes on from an earlier one; its client is asked for it first.
    var history = History()
    /// What the prompt should have come to, where the provider is one that may cut it.
    var estimatedPrompt: Int?
    /// The request for a count that is made here if the provider has no counter.
    var counted: ByteBuffer?
    /// What is said, for a tenant that wants it kept; nil for all others.
    var capture: ContentCapture?

    /// What becomes of the upstream's body.
    enum Relay {
        case none
        /// Events go down as they come.
        case stream(StreamRelay)
        /// They go down in another dialect; `translating` has them.
        case translated
        /// The body is held until it is whole; the fields wait with it.
        case held(BodyRelay, Fields)
        /// The lines of a pull go down as they come.
        case progress(ProgressRelay)
        /// More than may be held: the rest goes down as it comes.
        case passing
    }

    init(on connection: any ExchangeClient) {
        self.connection = connection
        loop = connection.loop
        snapshot = connection.loop.snapshot
        begun = connection.loop.now
        record = ExchangeRecord(requestID: connection.loop.ids.next(), route: "unknown")
        loop.shared.counters.exchangeDidBegin()
    }

    // MARK: Authenticate and admit

    /// Takes the request's head: everything that can be refused without the body is refused here.
    func receiveHead(method: String, target: String, fields: Fields) {
        callerFields = fields
        caller = CallerFields(fields)
        do throws(Refusal) {
            try noteRoute(target, method)
            let host = caller.host
            if host == nil || host != loop.checkedHost || caller.origin != nil || caller.doubled != nil {
                try snapshot.hostRule.check(caller)
                loop.checkedHost = host
            }
            let route = try admittedRoute(method)
            if let name = caller.doubled {
                throw Refusal(.badHeader, "The \(name) field stands more than once.", field: name)
            }
            if answersStranger(route) { return }
            guard try authenticate() else {
                return awaitKeys { (exchange) throws(Refusal) in try exchange.takeHead(of: route) }
            }
            try takeHead(of: route)
        } catch {
            refuse(error)
        }
    }

    /// Takes the head of somebody who is known.
    private func takeHead(of route: PublicRoute) throws(Refusal) {
        didAdmit()
        try refuseOverload()
        if handshake != nil || answersItself(route) { return }
        try admit(route)
        if caller.expectsContinue { connection.writeContinue() }
    }

    /// It is known who asks.
    func didAdmit() {
        isAdmitted = true
        record.client = caller.program.rawValue
        record.isLocal = identity.principal == nil
    }

    /// Whether it is still being found out who asks; until then nothing is read of what follows the head.
    var isAuthenticating: Bool { keysToCome != nil }

    /// Finds out who asks; false where the keys of a token's issuer have to be fetched for that.
    private func authenticate(mayWait: Bool = true) throws(Refusal) -> Bool {
        switch try authentication(mayWait: mayWait) {
        case .known(let found):
            identity = found
            return true
        case .wait(let keys):
            keysToCome = keys
            return false
        }
    }

    /// Goes on when the keys are there, or cannot be had; the wait has the deadline of their fetching.
    func awaitKeys(then goOn: @escaping (Exchange) throws(Refusal) -> Void) {
        keysToCome?.assumeIsolated().whenComplete { [self] _ in
            keysToCome = nil
            guard state.isReceiving else { return }
            do throws(Refusal) {
                guard try authenticate(mayWait: false) else { throw .tokenKeysUnavailable(retryAfter: 1) }
                try goOn(self)
            } catch {
                refuse(error)
            }
            connection.goOnReading()
        }
    }

    /// Finds the route before anything can be refused, so that every refusal speaks its dialect.
    private func noteRoute(_ text: String, _ method: String) throws(Refusal) {
        if let plain = PlainRoute(target: text) {
            (target, route) = (plain.target, plain.route)
            (record.route, record.dialect) = (plain.template, plain.dialect)
            return
        }
        if let model = ModelPath(text) {
            modelInPath = model.name
            route = .model
            record.route = PublicRoute.model.template
            return
        }
        let target = try RequestTarget(text)
        self.target = target
        guard let route = PublicRoute(path: target.path, method: method) else { return }
        self.route = route
        record.route = route.template
        record.dialect = route.dialect
    }

    private func admittedRoute(_ method: String) throws(Refusal) -> PublicRoute {
        guard let route else {
            throw Refusal(.routeNotFound, "There is no such route. The gateway serves \(Self.servedPaths).")
        }
        if method == route.method || (method == "HEAD" && route.method == "GET") { return route }
        if route == .responses, method == "GET", Handshake.isWanted(caller) {
            guard snapshot.settings.webSocket.isServed else {
                throw Refusal(.upgradeRequired, "Responses over WebSocket are not served here. Use POST /v1/responses.")
                    .with("upgrade", "HTTP/1.1")
            }
            record.route = "GET \(route.path)"
            handshake = try Handshake(callerFields, caller)
            return route
        }
        throw Refusal(.methodNotAllowed, "\(route.path) takes \(route.method).").with("allow", route.allowedMethods)
    }

    /// Turns a new request away while there is more to do than can be done for those that run (F21).
    ///
    /// The first of all is always taken: what is wrong then is not the number of requests. The same holds for the first one
    /// of a tenant, which others' requests must not shut out (T6).
    func refuseOverload() throws(Refusal) {
        guard let reason = loop.shedding, loop.shared.counters.exchangesInFlight > 1 else { return }
        if let load = identity.principal?.load, loop.shared.busyTenants.spares(load) { return }
        throw loop.shared.overload.refusal(reason)
    }

    private func admit(_ route: PublicRoute) throws(Refusal) {
        let isOllama = route.dialect == .ollama
        try snapshot.bodyRule.check(
            caller,
            takesAnyType: isOllama || route.isStoredResponse,
            site: isOllama || route.isStoredResponse ? callerFields.first("sec-fetch-site") : nil
        )
        if route == .ollamaPull, !snapshot.settings.allowsPull {
            throw Refusal(.forbidden, "This gateway fetches no models. Set server.allow_pull to have it do so.")
        }
        try refuseLoop()
        try enterLimits()
        inflater = try BodyCoding.read(caller.contentEncoding).map(BodyInflater.init)
        guard inflater == nil, let length = caller.contentLength else { return }
        try reserve(length)
        body.reserveCapacity(min(length, Self.eagerCapacity))
    }

    /// What rules and limits ask of the body, for which it is searched once.
    func traits(of facts: RequestFacts) -> RequestTraits {
        if let knownTraits { return knownTraits }
        let traits = RequestTraits(facts, in: body, fields: callerFields)
        knownTraits = traits
        return traits
    }

    /// Counts bytes that are held for the request, until it is settled.
    func reserve(_ bytes: Int) throws(Refusal) {
        guard loop.shared.bodyBudget.take(bytes, for: identity.principal?.load) else {
            throw Refusal(.overloaded, "The gateway holds as many request bodies as it may. Try again.", retryAfter: 1)
                .closing()
        }
        reservedBytes += bytes
    }

    /// Takes the place of a head: what a session's handshake said holds for each of its messages.
    ///
    /// Which places keys have belongs to one configuration, and which keys there are to one state of the store, so that
    /// another one looks at the client's key anew.
    ///
    /// - Returns: false where the keys of a token's issuer have to be waited for, which is what `mayWait` allows.
    func begin(as client: AdmittedClient, mayWait: Bool = true) throws(Refusal) -> Bool {
        callerFields = client.fields
        caller = CallerFields(client.fields)
        target = client.target
        route = .responses
        record.route = PublicRoute.responses.template
        record.dialect = .responses
        record.transport = .webSocket
        let isUnchanged = client.generation == snapshot.generation && client.revision == loop.identities.revision
        switch client.identity {
        // A key that was issued may end by itself, and so may the secret that it had before, a token and a certificate.
        case .anonymous where isUnchanged, .key where isUnchanged:
            identity = client.identity
            return true
        case .anonymous, .key, .issued, .outside:
            try snapshot.hostRule.check(caller)
            return try authenticate(mayWait: mayWait)
        }
    }

    /// Takes a part of the request's body.
    func receive(_ bytes: ByteBuffer) {
        guard state.isReceiving else { return }
        do throws(Refusal) {
            if let inflater { try inflate(bytes, inflater) } else { try append(bytes) }
        } catch {
            refuse(error)
        }
    }

    private func append(_ bytes: ByteBuffer) throws(Refusal) {
        let total = body.readableBytes + bytes.readableBytes
        guard total <= snapshot.settings.limits.body else { throw snapshot.bodyRule.tooLarge }
        // The decoder's window counts as well; it is gone when the body is whole.
        let held = total + (inflater?.memory ?? 0)
        if held > reservedBytes { try reserve(held - reservedBytes) }
        if body.readableBytes == 0, body.capacity < bytes.readableBytes {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    /// Undoes the coding of a part, and counts what it stands for as it comes out (B3).
    private func inflate(_ bytes: ByteBuffer, _ inflater: BodyInflater) throws(Refusal) {
        codedBytes += bytes.readableBytes
        guard codedBytes <= snapshot.settings.limits.body else { throw snapshot.bodyRule.tooLarge }
        try inflater.take(bytes) { (piece) throws(Refusal) in try append(piece) }
    }

    /// The coded body is whole, or is not.
    private func finishInflating() throws(Refusal) {
        try inflater?.finish()
        inflater = nil
    }

    // MARK: Decode, route and attempt

    /// The request is whole.
    func receiveEnd() {
        if state.isReceiving {
            do throws(Refusal) { try finishInflating() } catch { return refuse(error) }
        }
        guard state.requestDidEnd() else { return }
        record.receivedMicroseconds = microseconds
        if let handshake { return openSession(handshake) }
        record.bytesIn = body.readableBytes
        if let content = identity.principal?.content { beginCapture(content) }
        switch route {
        case .ollamaShow, .ollamaProcesses, .ollamaPull: askOllama()
        case .response, .responseDeletion, .responseItems, .responseCancel: askForResponse()
        default: decodeAndRoute()
        }
    }

    /// What a request may still wait for before it is decided where it goes.
    struct Patience {
        /// A model that is unknown may have come since the providers were last asked.
        var forModel = true
        /// A provider may not have said yet what it speaks.
        var forDialect = true
    }

    func decodeAndRoute(_ patience: Patience = Patience()) {
        guard let endpoint = route?.endpoint else { return }
        do throws(Refusal) {
            let facts = try UpstreamRequestBuilder.facts(of: body, endpoint: endpoint)
            record.model = facts.model
            record.streamed = facts.stream
            let plan: RoutePlan
            do throws(Refusal) {
                plan = try choose(facts)
            } catch {
                let isUnknown = error.body.code == InferenceError.Code.modelNotFound.rawValue
                if patience.forModel, isUnknown, awaitModels(patience) { return }
                throw error
            }
            let first = plan.targets[0]
            if patience.forDialect, first.dialect == nil, awaitDialect(of: first.provider) { return }
            try attempt(plan, facts)
        } catch {
            refuse(error)
        }
    }

    private func awaitModels(_ patience: Patience) -> Bool {
        guard let refreshed = snapshot.directory.refreshIfStale(on: loop.eventLoop) else { return false }
        refreshed.assumeIsolated().whenComplete { [self] _ in
            guard !state.isSettled else { return }
            decodeAndRoute(Patience(forModel: false, forDialect: patience.forDialect))
        }
        return true
    }

    private func awaitDialect(of provider: Provider) -> Bool {
        guard let answer = snapshot.directory.nextAnswer(of: provider.name, on: loop.eventLoop) else { return false }
        awaitsDialectSince = loop.now
        answer.assumeIsolated().whenComplete { [self] _ in goOnWithoutDialect() }
        return true
    }

    /// Goes on with what is known now; once, whether the provider has answered or took too long.
    func goOnWithoutDialect() {
        guard awaitsDialectSince != nil, state.isRouting else { return }
        awaitsDialectSince = nil
        decodeAndRoute(Patience(forModel: false, forDialect: false))
    }

    // MARK: The client

    /// The client can take more, or cannot.
    func clientWritabilityDidChange(_ isWritable: Bool) {
        isClientBehind = !isWritable
        upstream?.setReading(isWritable)
    }

    /// The client closed its connection; nobody is left to answer (F12).
    func clientDidLeave() {
        guard !state.isSettled else { return }
        if hasSentWholeStream {
            noteProgress()
        } else {
            record.outcome = .clientGone
            record.status = 499
        }
        settle()
    }

    /// Whether the last event of a stream has gone down, so that whoever leaves has all of it: some do not wait for the body's
    /// own end.
    private var hasSentWholeStream: Bool {
        guard case .stream(let stream) = relay, case .completed = stream.observer.outcome else { return false }
        return startUp == nil && !isClientBehind
    }

    /// The gateway stops before the end; the client is told so, and the record is written all the same (F20).
    func stop() {
        switch state.failureAction() {
        case .nothing: break
        case .answer: refuse(Refusal(.shuttingDown).closing())
        case .terminate: giveUp(InferenceError(.interrupted, "The gateway was stopped before the end of the answer."))
        }
    }

    // MARK: Settle

    /// Ends the exchange: the upstream is let go, the memory given back and the record written.
    ///
    /// Does nothing the second time.
    func settle() {
        guard state.settle() else { return }
        record.totalMicroseconds = microseconds
        if record.outcome == .clientGone || record.outcome == .interrupted || bill.isCutShort { noteProgress() }
        let used = usedTokens()
        settleAdmission(used)
        account(for: used)
        upstream?.cancel()
        upstream = nil
        dropRival()
        release(record.outcome == .ok ? .success(()) : nil)
        attempts?.pause?.cancel()
        attempts = nil
        startUp = nil
        relay = .none
        translating = nil
        embedding = nil
        completion = nil
        turn = nil
        plan = nil
        counted = nil
        watch = nil
        inflater = nil
        body = ByteBuffer()
        loop.shared.bodyBudget.giveBack(reservedBytes, for: identity.principal?.load)
        reservedBytes = 0
        if capture != nil { endCapture() }
        loop.shared.counters.exchangeDidSettle()
        loop.metrics?.note(record)
        loop.log.append(record)
    }

    /// Refuses what has been through this gateway before.
    func refuseLoop() throws(Refusal) {
        let hops = caller.hops?.split(separator: ",") ?? []
        guard hops.contains(loop.shared.hopID[...]) || hops.count >= Self.mostHops else { return }
        throw Refusal(.loop, "The request has been here before: a provider leads back to this gateway.")
    }

    /// The time since the request's head, in microseconds.
    var microseconds: Int { Int((loop.now - begun).nanoseconds / 1_000) }

    /// Whether more of the request may still come than is worth reading only to throw it away.
    var hasLongRest: Bool {
        state.isReceiving && (caller.isChunked || caller.expectsContinue || caller.contentLength ?? 0 > Self.shortRest)
    }

    private static let servedPaths = PublicRoute.allCases.map(\.path).joined(separator: ", ")
    private static let mostHops = 8
    private static let shortRest = 64 << 10
    /// A client that only claims a large body gets this much memory in advance.
    private static let eagerCapacity = 256 << 10
}
