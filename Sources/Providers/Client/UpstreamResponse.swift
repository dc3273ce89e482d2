package import NIOCore

/// A response's head, with the body still to come.
package struct UpstreamResponse: Sendable {
    package let status: Int
    package let fields: Fields
    package let body: UpstreamBody
}

/// The body as it arrives; for one reader, once.
///
/// The upstream is not read while too much waits here. Dropping it before its end closes the connection.
package struct UpstreamBody: AsyncSequence, Sendable {
    typealias Producer = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, ResponseBridge
    >

    package struct AsyncIterator: AsyncIteratorProtocol {
        package typealias Failure = TransportFailure

        fileprivate let base: Producer.AsyncIterator

        package mutating func next() async throws(TransportFailure) -> ByteBuffer? {
            do {
                return try await base.next()
            } catch let failure as TransportFailure {
                throw failure
            } catch {
                throw TransportFailure(.cancelled, "", requestMayHaveBeenSent: true)
            }
        }
    }

    let producer: Producer

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: producer.makeAsyncIterator())
    }

    /// Waits for the whole body.
    ///
    /// - Throws: `responseTooLarge` as soon as it is longer than `limit`.
    package func collect(upTo limit: Int) async throws(TransportFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            guard bytes.count + piece.readableBytes <= limit else {
                throw TransportFailure(.responseTooLarge, "more than \(limit) bytes", requestMayHaveBeenSent: true)
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }
}
