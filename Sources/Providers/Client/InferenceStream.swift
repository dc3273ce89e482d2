import Dialects
package import Inference
import NIOCore

/// An answer's events in their order; for one reader, once.
///
/// It ends after `finished`. Dropping it before that closes the provider's connection, which stops the model.
package struct InferenceStream: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        package typealias Failure = InferenceError

        fileprivate var body: UpstreamBody.AsyncIterator?
        fileprivate var decoder: any EventDecoder
        fileprivate let provider: String
        private var pending: ArraySlice<InferenceEvent> = []
        private var isOver = false

        fileprivate init(_ stream: InferenceStream) {
            body = stream.body.makeAsyncIterator()
            decoder = stream.decoder
            provider = stream.provider
        }

        /// - Throws: the failure that ended the answer, after the events that came before it.
        package mutating func next() async throws(InferenceError) -> InferenceEvent? {
            while pending.isEmpty, !isOver { try await read() }
            guard let event = pending.popFirst() else { return nil }
            if case .finished = event {
                (pending, isOver, body) = ([], true, nil)
            }
            return event
        }

        private mutating func read() async throws(InferenceError) {
            let bytes = try await nextBytes()
            do throws(InferenceError) {
                if let bytes {
                    pending = try decoder.decode(Array(bytes.readableBytesView))[...]
                } else {
                    // Asked again while it has events: the decoder throws only once these are out.
                    pending = try decoder.finish()[...]
                    if pending.isEmpty { (isOver, body) = (true, nil) }
                }
            } catch {
                (isOver, body) = (true, nil)
                throw error
            }
        }

        private mutating func nextBytes() async throws(InferenceError) -> ByteBuffer? {
            do throws(TransportFailure) {
                return try await body?.next()
            } catch {
                (isOver, body) = (true, nil)
                throw InferenceError(error, provider: provider)
            }
        }
    }

    fileprivate let body: UpstreamBody
    fileprivate let decoder: any EventDecoder
    fileprivate let provider: String

    init(body: UpstreamBody, decoder: any EventDecoder, provider: String) {
        self.body = body
        self.decoder = decoder
        self.provider = provider
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
