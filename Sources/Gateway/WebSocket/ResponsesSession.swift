import Dialects
import Inference
import NIOCore

/// A client's session of Responses: one response at a time, each through an exchange of its own, and the memory of the
/// latest ones, from which the next request may go on.
final class ResponsesSession {
    private let client: AdmittedClient
    private unowned let connection: WebSocketConnection
    private let loop: LoopContext
    private let begun: NIODeadline
    /// Since when neither a message came nor a response ran.
    private var quietSince: NIODeadline
    private var running: SocketAnswer?
    private var memory = SessionMemory()

    init(_ client: AdmittedClient, on connection: WebSocketConnection) {
        self.client = client
        self.connection = connection
        loop = connection.loop
        begun = connection.loop.now
        quietSince = begun
    }

    /// The tenant's, among whose bodies the memory counts.
    private var load: TenantLoad? { client.identity.principal?.load }

    // MARK: Messages

    /// Takes a whole message.
    func receive(_ message: ByteBuffer) {
        quietSince = loop.now
        do throws(InferenceError) {
            switch try ClientMessage(message, preset: { self.memory.point($0)?.preset }) {
            case .processed: break
            case .create(let request): create(request)
            }
        } catch {
            refuse(Refusal(error), bytes: message.readableBytes)
        }
    }

    private func create(_ request: CreateMessage) {
        // A client goes on as soon as it has heard the last event, which may be before the provider's body has ended.
        if let running, running.exchange?.endIfTold() != true {
            return refuse(Refusal(.responseRunning), bytes: request.body.readableBytes)
        }
        // With the response a session may have ended that was to be drained.
        guard !connection.isFinishing else { return }
        let answer = SocketAnswer(to: request, of: self, on: connection)
        running = answer
        answer.begin { $0.receiveMessage(request.body, of: client, isWarmUp: request.isWarmUp) }
    }

    /// Answers a message with an error and disturbs no response that runs.
    private func refuse(_ refusal: Refusal, bytes: Int) {
        SocketAnswer(to: nil, of: self, on: connection).begin { $0.refuseMessage(refusal, of: client, bytes: bytes) }
    }

    // MARK: Memory

    /// What was said up to the end of one of this session's responses.
    func history(of responseID: String) -> History? { memory.point(responseID)?.history }

    /// A response is over; `history` is what it went on from.
    func didEnd(_ answer: SocketAnswer, _ response: EventMessages.Response?, behind history: History) {
        guard running === answer else { return }
        running = nil
        quietSince = loop.now
        if let request = answer.request, let response, response.isWhole { remember(response, to: request, history) }
        if loop.isDraining { connection.close(.goingAway, Self.stopping) }
    }

    /// Keeps a response as long as there is room; a client that goes on from one that is not kept says all of it again.
    private func remember(_ response: EventMessages.Response, to request: CreateMessage, _ past: History) {
        guard let id = response.id else { return }
        let previous = request.previousResponseID
        // What its provider alone remembers is only to be found there again.
        guard !past.isEmpty || previous.map({ memory.point($0) != nil }) ?? true else { return }
        var history = response.startsAnew ? History() : past
        history.append(input: response.startsAnew ? ByteBuffer() : request.input, output: response.output)
        let preset = request.isWarmUp ? request.preset : nil
        var next = memory
        next.keep(SessionMemory.Point(id: id, history: history, preset: preset), after: previous)
        let growth = next.bytes - memory.bytes
        let fits = next.bytes <= loop.snapshot.settings.limits.body
        guard fits, growth <= 0 || loop.shared.bodyBudget.take(growth, for: load) else { return forget() }
        if growth < 0 { loop.shared.bodyBudget.giveBack(-growth, for: load) }
        memory = next
    }

    private func forget() {
        loop.shared.bodyBudget.giveBack(memory.bytes, for: load)
        memory = SessionMemory()
    }

    // MARK: The client

    /// What runs; nil between responses.
    var exchangeUnderWay: Exchange? { running?.exchange }

    func writabilityDidChange(_ isWritable: Bool) {
        running?.exchange?.clientWritabilityDidChange(isWritable)
    }

    /// Nobody is left to answer (F12).
    func clientDidLeave() {
        running?.clientDidLeave()
        running = nil
        forget()
    }

    // MARK: Time and end

    /// Looks at the time; called by the connection a few times a second.
    func check(_ now: NIODeadline) {
        if let running {
            running.exchange?.check(now)
            return
        }
        let settings = loop.snapshot.settings.webSocket
        if now - begun > settings.maximumAge.timeAmount {
            // Codex opens another one for this very code, and does not count it as a failure.
            connection.write(ErrorMessage.bytes(Refusal(.sessionTooOld)))
            connection.close(.goingAway, "the session has lasted as long as it may")
        } else if now - quietSince > settings.idleTimeout.timeAmount {
            connection.close(.normal, "nothing was asked for a long time")
        }
    }

    func identitiesDidChange() { running?.exchange?.identitiesDidChange() }

    /// Ends the session now if nothing runs, and otherwise after the running response.
    func drain() {
        if running == nil { connection.close(.goingAway, Self.stopping) }
    }

    /// Ends what runs in the client's own words.
    func stop() {
        running?.exchange?.stop()
        connection.flush()
    }

    private static let stopping = "the gateway stops"
}
