import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// TLS settings by the roots they trust, each loaded once per process and off the event loop.
package final class TLSContexts: Sendable {
    private let loaded = Mutex<[String?: NIOSSLContext]>([:])

    package init() {}

    /// The settings that trust the roots in `caFile` alone, or the system's without one.
    func context(caFile: String?, on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        if let known = loaded.withLock({ $0[caFile] }) { return eventLoop.makeSucceededFuture(known) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            let made = try Self.make(caFile: caFile)
            return self.loaded.withLock { contexts in
                let kept = contexts[caFile] ?? made
                contexts[caFile] = kept
                return kept
            }
        }
    }

    /// Has the files be read again for connections that are opened from now on; the system's roots stay as they are.
    package func forgetFiles() {
        loaded.withLock { contexts in contexts = contexts.filter { $0.key == nil } }
    }

    private static func make(caFile: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let caFile { configuration.trustRoots = .file(caFile) }
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
