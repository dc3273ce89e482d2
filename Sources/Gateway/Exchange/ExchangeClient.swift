import NIOCore
import Providers

/// Whom an exchange answers: one request's client, whatever its answers travel in.
///
/// All of it happens on the client's event loop, `loop`'s.
protocol ExchangeClient: AnyObject {
    var loop: LoopContext { get }
    /// Whether the client takes more now; `Exchange.clientWritabilityDidChange` tells of a change.
    var isWritable: Bool { get }
    /// The address that the client has, for want of a name.
    var peer: String { get }
    /// The address of the client's end; nil where it is gone.
    var remoteAddress: SocketAddress? { get }

    /// The certificate that it has shown; nil for none.
    var certificate: ClientCertificate? { get }

    /// The exchange knows who asks, or has refused: what follows of the request is taken from now on.
    func goOnReading()

    /// Tells a client that waits for it to send its body.
    func writeContinue()

    /// Goes on in WebSocket behind `answer`; false where that is not possible, and then nothing was sent.
    func upgrade(_ client: AdmittedClient, _ answer: ByteBuffer) -> Bool

    /// Begins the answer, once; `closes` says that nothing may come after it.
    func writeHead(status: Int, fields: Fields, closes: Bool)

    /// Adds to the answer: whole events where it is a stream, any part of it otherwise.
    func writeBody(_ bytes: ByteBuffer)

    /// Sends what was written.
    func flush()

    /// The answer is whole and the exchange over.
    func finish(_ exchange: Exchange)

    /// Breaks the answer off so that the client cannot take it for whole; the exchange is over.
    func abort()

    /// What was said up to the end of a response that this client remembers itself; the store is asked after it.
    func history(of responseID: String) -> History?
}

extension ExchangeClient {
    /// A connection remembers nothing.
    func history(of responseID: String) -> History? { nil }
}

/// A connection that its event loop looks after.
protocol ServedConnection: AnyObject {
    /// Whether an answer is still on its way to the client though its exchange is over.
    var isFinishing: Bool { get }

    /// What runs on it; nil between requests.
    var exchangeUnderWay: Exchange? { get }

    /// Closes what took too long; called a few times a second.
    func check(_ now: NIODeadline, _ limits: Limits)

    /// Ends what runs for a key that holds no more.
    func identitiesDidChange()

    /// Closes now if nothing runs, and otherwise after the running exchange.
    func drain()

    /// Ends what still runs in the client's own words, as far as it takes that at once, and closes.
    func stop()
}
