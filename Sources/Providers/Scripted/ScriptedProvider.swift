import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A provider without a model: a server inside the process, on loopback, that quotes the prompt in fixed words.
///
/// It speaks Chat Completions, Responses, Messages and Ollama's `/api/chat`, lists one model and streams word by word,
/// so that everything can be shown and tested without a key. The configuration spells it `base_url: "scripted:"`.
package final class ScriptedProvider: Sendable {
    /// What `start` may fail with besides the system's own errors.
    package struct NoAddress: Error {}

    private let pause: TimeAmount
    private let channel = Mutex<(any Channel)?>(nil)

    /// Pauses between two pieces of a stream so that a person sees it move; tests want none.
    package init(pause: Duration = .milliseconds(30)) {
        self.pause = TimeAmount(pause)
    }

    /// Listens on a port of 127.0.0.1 that the system chooses.
    ///
    /// - Returns: the base URL for a provider; with Ollama's routes beside it.
    package func start() async throws -> BaseURL {
        let pause = pause
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let pipeline = child.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(ScriptedConversation(pause: pause))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
        guard let port = channel.localAddress?.port else { throw NoAddress() }
        return try BaseURL("http://127.0.0.1:\(port)/v1")
    }

    /// Stops listening; answers under way go on to their end.
    package func shutdown() async {
        let channel = channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
        // It may be closed already.
        try? await channel?.close()
    }
}
