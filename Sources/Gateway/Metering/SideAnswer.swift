import Dialects
import Inference
import NIOCore
import Providers

/// Reads of an answer that goes to nobody what it costs, and holds no more of it than that takes.
struct SideAnswer {
    private enum Form {
        case stream(StreamObserver)
        case body(ByteBuffer)
        /// It says nothing that can be read, or more than is held: what it used is estimated.
        case unreadable
    }

    private let endpoint: Endpoint
    private var form = Form.unreadable
    private var status = 0
    /// How many bytes of the body came.
    private var size = 0
    /// Why the provider refused.
    private var refusal: InferenceError?

    /// `endpoint` is the one that the provider answers for.
    init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    mutating func receiveHead(status: Int, fields: Fields) {
        self.status = status
        guard (200..<300).contains(status) else {
            refusal = ErrorClassification.classify(
                status: status,
                body: [],
                dialect: endpoint.dialect,
                hints: RetryHints(fields, now: WallClock.seconds())
            )
            return
        }
        let isCoded = fields.field("content-encoding") { !$0.isValue("identity") } ?? false
        guard !isCoded else { return }
        let type: StaticString = endpoint.dialect == .ollama ? "application/x-ndjson" : "text/event-stream"
        let isStream = fields.field("content-type") { $0.valueBegins(type) } ?? false
        let settings = StreamObserver.Settings(eventLimit: Self.mostHeld)
        form = isStream ? .stream(StreamObserver(endpoint, settings: settings)) : .body(ByteBuffer())
    }

    /// Whether so many bytes more would be held, if there is room for them.
    func wants(_ count: Int) -> Bool { if case .body = form { size + count <= Self.mostHeld } else { false } }

    /// Takes a part of the body; one that cannot be held makes all of it unreadable, unless it is a stream.
    mutating func receive(_ part: ByteBuffer, isHeld: Bool) {
        size += part.readableBytes
        switch form {
        case .stream(var observer):
            // One holder alone, so that nothing is copied.
            form = .unreadable
            _ = part.withUnsafeReadableBytes { observer.observe($0) }
            form = .stream(observer)
        case .body(var body):
            form = .unreadable
            guard isHeld else { return }
            body.writeImmutableBuffer(part)
            form = .body(body)
        case .unreadable: break
        }
    }

    /// What it came to, now that it is over.
    ///
    /// `failure` is what broke it off; `wasStopped` says that this was no fault of the provider's, which may have worked on
    /// it.
    func ending(_ failure: InferenceError? = nil, wasStopped: Bool = false) -> SideAccount.Ending {
        var ending = SideAccount.Ending(status: status)
        ending.written = size / RequestTraits.bytesPerToken
        var fault = refusal ?? failure
        var hasBegun = refusal == nil && size > 0
        switch form {
        case .stream(var observer):
            if failure == nil { _ = observer.finish() }
            ending.usage = observer.usage ?? Usage()
            ending.written = min(observer.events, ending.written)
            hasBegun = observer.sawFirstToken
            if case .completed = observer.outcome { fault = nil } else { fault = observer.outcome.error ?? fault }
        case .body(let body) where fault == nil:
            do throws(InferenceError) {
                let seen = try body.withUnsafeReadableBytes { (bytes) throws(InferenceError) in
                    try BodyObserver(bytes, endpoint: endpoint)
                }
                (ending.usage, fault) = (seen.usage ?? Usage(), seen.failure)
                hasBegun = false
            } catch {
                fault = error
            }
        case .body, .unreadable: break
        }
        guard let fault else { return ending }
        ending.code = fault.code.rawValue
        ending.outcome = hasBegun || wasStopped ? .interrupted : .failed
        return ending
    }

    /// Bytes of a body that is no stream, and of an event of one that is.
    private static let mostHeld = 1 << 20
}
