import NIOCore
import NIOPosix
import ScriptedUpstream
import Synchronization
import Testing

@testable import Providers

/// A pool on an event loop, driven from a test's task.
final class PoolHarness: Sendable {
    let eventLoop: any EventLoop
    /// A thread of its own, so that a test may hold up the loop without holding up its upstream.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let pool: NIOLoopBound<ConnectionPool>

    init(_ change: (inout TransportSettings) -> Void = { _ in }) async throws {
        let eventLoop = group.any()
        var settings = TransportSettings()
        settings.tick = .milliseconds(2)
        settings.probeAfter = .zero
        settings.keepAliveTrial = .zero
        change(&settings)
        self.eventLoop = eventLoop
        pool = try await eventLoop.submit { [settings] in
            NIOLoopBound(ConnectionPool(eventLoop: eventLoop, settings: settings), eventLoop: eventLoop)
        }.get()
    }

    func start(
        _ request: UpstreamRequest,
        _ prepare: @escaping @Sendable (Recorder) -> Void = { _ in }
    ) async throws -> Recorder {
        try await eventLoop.submit {
            let recorder = Recorder(eventLoop: self.eventLoop)
            prepare(recorder)
            recorder.exchange = self.pool.value.start(request, responder: recorder)
            return recorder
        }.get()
    }

    /// Sends a request and waits for its end.
    func send(_ request: UpstreamRequest) async throws -> Response {
        try await start(request).response()
    }

    /// Sends a request that fails.
    func failure(of request: UpstreamRequest) async throws -> TransportFailure {
        try await start(request).failure()
    }

    func onLoop<Result: Sendable>(_ body: @escaping @Sendable (ConnectionPool) throws -> Result) async throws -> Result
    {
        try await eventLoop.submit { try body(self.pool.value) }.get()
    }

    func shutdown() async throws {
        try await onLoop { $0.shutdown() }
        try await group.shutdownGracefully()
    }
}

struct Response: Sendable {
    var status: Int
    var fields: Fields
    var body: String
}

extension UpstreamRequest {
    /// A request to a scripted upstream, with short deadlines off unless asked for.
    static func to(
        _ upstream: ScriptedUpstream,
        _ method: String = "POST",
        _ target: String = "/v1/chat/completions",
        body: String = "{}",
        fields: [(String, String)] = [("content-type", "application/json")],
        timeouts: Timeouts = Timeouts(),
        origin: Origin? = nil
    ) -> UpstreamRequest {
        UpstreamRequest(
            method: method,
            target: target,
            fields: Fields(fields),
            body: body.isEmpty ? [] : [ByteBuffer(string: body)],
            origin: origin ?? Origin(scheme: .http, host: "127.0.0.1", port: upstream.port),
            timeouts: timeouts
        )
    }
}
