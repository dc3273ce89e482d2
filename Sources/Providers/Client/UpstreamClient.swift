package import NIOCore
import NIOPosix

/// The transport for callers that wait: a connection pool on one event loop behind `async` calls.
///
/// Any task may use it. Cancelling a task that waits here closes its connection.
package final class UpstreamClient: Sendable {
    private let eventLoop: any EventLoop
    private let pool: NIOLoopBoundBox<ConnectionPool>

    /// Uses one loop of `group`; the process's own by default.
    package init(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        settings: TransportSettings = TransportSettings()
    ) {
        let eventLoop = group.any()
        self.eventLoop = eventLoop
        let pool = ConnectionPool(eventLoop: eventLoop, settings: settings)
        self.pool = NIOLoopBoundBox.makeBoxSendingValue(pool, eventLoop: eventLoop)
    }

    /// Sends a request and waits for the response's head.
    ///
    /// Nothing of the body is lost or piles up: it waits, read to a bound, for `UpstreamResponse.body` to be iterated.
    package func execute(_ request: UpstreamRequest) async throws(TransportFailure) -> UpstreamResponse {
        let bridge = ResponseBridge(eventLoop: eventLoop)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting in
                eventLoop.execute { bridge.start(request, on: self.pool.value, waiting: waiting) }
            }
        } onCancel: {
            bridge.cancel()
        }
        return try result.get()
    }

    /// Closes every connection; calls under way fail with `shutDown`.
    package func shutdown() async {
        // A loop that is gone has closed them already.
        try? await eventLoop.submit { self.pool.value.shutdown() }.get()
    }
}
