import NIOCore

/// Carries one response from the event loop to a waiting task, and the task's wishes back.
///
/// `@unchecked Sendable`: everything that changes is touched on the event loop only; what other threads call hops there.
final class ResponseBridge: UpstreamResponder, @unchecked Sendable {
    typealias Waiting = CheckedContinuation<Result<UpstreamResponse, TransportFailure>, Never>

    private let eventLoop: any EventLoop
    private var exchange: UpstreamExchange?
    private var waiting: Waiting?
    private var source: UpstreamBody.Producer.Source?
    private var isCancelled = false
    private var isOver = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func start(_ request: UpstreamRequest, on pool: ConnectionPool, waiting: Waiting) {
        guard !isCancelled else { return waiting.resume(returning: .failure(TransportFailure(.cancelled, ""))) }
        self.waiting = waiting
        exchange = pool.start(request, responder: self)
    }

    /// Gives up waiting for the head; from any thread.
    func cancel() {
        eventLoop.execute {
            self.isCancelled = true
            guard let waiting = self.waiting else { return }
            let failure = TransportFailure(.cancelled, "", requestMayHaveBeenSent: self.exchange?.bytesSent ?? false)
            self.finish()?.cancel()
            waiting.resume(returning: .failure(failure))
        }
    }

    func upstreamDidReceiveHead(status: Int, fields: Fields) {
        let made = UpstreamBody.Producer.makeSequence(
            elementType: ByteBuffer.self,
            failureType: (any Error).self,
            backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8),
            finishOnDeinit: true,
            delegate: self
        )
        source = made.source
        let response = UpstreamResponse(status: status, fields: fields, body: UpstreamBody(producer: made.sequence))
        waiting?.resume(returning: .success(response))
        waiting = nil
    }

    func upstreamDidReceiveBody(_ bytes: ByteBuffer) {
        switch source?.yield(bytes) {
        case .stopProducing: exchange?.setReading(false)
        case .produceMore, nil: break
        case .dropped: finish()?.cancel()
        }
    }

    func upstreamDidCompleteRead() {}

    func upstreamDidEnd() {
        let source = source
        _ = finish()
        source?.finish()
    }

    func upstreamDidFail(_ failure: TransportFailure) {
        let (source, waiting) = (source, waiting)
        _ = finish()
        source?.finish(failure)
        waiting?.resume(returning: .failure(failure))
    }

    private func finish() -> UpstreamExchange? {
        defer { (exchange, waiting, source, isOver) = (nil, nil, nil, true) }
        return exchange
    }
}

extension ResponseBridge: NIOAsyncSequenceProducerDelegate {
    func produceMore() {
        eventLoop.execute { self.exchange?.setReading(true) }
    }

    /// The reader is gone, or has read to the end.
    func didTerminate() {
        eventLoop.execute { self.finish()?.cancel() }
    }
}
