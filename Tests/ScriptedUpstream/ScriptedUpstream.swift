import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server over raw TCP that answers each request by a script, so that every fault on a wire can be made.
///
/// It listens on a port of 127.0.0.1 that the system chose. Any thread may ask it anything.
package final class ScriptedUpstream: Sendable {
    /// What to do with a request; `nil` in place of a script's answers means that nothing is ever answered.
    package typealias Script = @Sendable (ReceivedRequest) -> [Step]

    /// How the server treats its connections.
    package struct Behaviour: Sendable {
        /// Steps right after a connection was accepted, before any request.
        package var onAccept: [Step] = []
        /// Leaves connections to the system's queue, where they are made but never served.
        package var neverAccepts = false
        /// Runs the script as soon as the head is there, with an empty body.
        package var answersHead = false
        package var certificate: TestCertificate?

        package init(
            onAccept: [Step] = [],
            neverAccepts: Bool = false,
            answersHead: Bool = false,
            certificate: TestCertificate? = nil
        ) {
            self.onAccept = onAccept
            self.neverAccepts = neverAccepts
            self.answersHead = answersHead
            self.certificate = certificate
        }
    }

    package let port: Int
    let journal: Journal
    private let channel: any Channel
    /// After the end the port stays ours, so that no other test's server is taken for this one.
    private let kept = Mutex<ClosedPort?>(nil)

    private init(channel: any Channel, port: Int, journal: Journal) {
        self.channel = channel
        self.port = port
        self.journal = journal
    }

    /// Starts a server that runs `script` for each request.
    package static func start(
        _ behaviour: Behaviour = Behaviour(),
        script: @escaping Script = { _ in [.stall] }
    ) async throws -> ScriptedUpstream {
        let group = MultiThreadedEventLoopGroup.singleton
        let journal = Journal(eventLoop: group.any())
        let tls = try behaviour.certificate?.serverContext()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: !behaviour.neverAccepts)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let pipeline = child.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ScriptedConnection(behaviour, script: script, journal: journal))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw ScriptedUpstreamError.noPort }
        return ScriptedUpstream(channel: channel, port: port, journal: journal)
    }

    /// Answers the first request by the first list of steps and so on; further ones by the last.
    package static func start(
        _ behaviour: Behaviour = Behaviour(),
        answers: [[Step]]
    ) async throws -> ScriptedUpstream {
        let left = Answers(answers)
        return try await start(behaviour) { _ in left.next() }
    }

    /// Closes the listener and every connection.
    package func shutdown() async {
        journal.closeAll()
        // It may be closed already.
        try? await channel.close()
        let closed = try? ClosedPort(port: port)
        kept.withLock { $0 = closed }
    }

    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT` with a certificate.
    package var url: String { "http://127.0.0.1:\(port)" }
    package var secureURL: String { "https://localhost:\(port)" }

    /// Everything that was received whole so far, in order of arrival.
    package var requests: [ReceivedRequest] { journal.snapshot.requests }
    package var openConnections: Int { journal.snapshot.open.count }
    package var acceptedConnections: Int { journal.snapshot.accepted }
    /// Bytes of answers that the system took for sending.
    package var bytesWritten: Int { journal.snapshot.written }

    /// The request with this number from 0, as soon as it is there.
    package func request(_ number: Int = 0, within limit: Duration = .seconds(5)) async throws -> ReceivedRequest {
        try await journal.wait(within: limit, for: "request \(number)") { $0.requests.count > number }
        return journal.snapshot.requests[number]
    }

    /// Waits until a connection, counted from 0, was closed by either side.
    package func connectionClosed(_ number: Int = 0, within limit: Duration = .seconds(5)) async throws {
        try await journal.wait(within: limit, for: "the end of connection \(number)") {
            $0.accepted > number && $0.open[number] == nil
        }
    }

    /// Waits until so many connections were accepted.
    package func connectionsAccepted(_ count: Int, within limit: Duration = .seconds(5)) async throws {
        try await journal.wait(within: limit, for: "\(count) connections") { $0.accepted >= count }
    }

    /// Waits until so many bytes were taken by the system.
    package func written(_ count: Int, within limit: Duration = .seconds(5)) async throws {
        try await journal.wait(within: limit, for: "\(count) written bytes") { $0.written >= count }
    }
}

/// What a wait on the scripted upstream ended with.
package enum ScriptedUpstreamError: Error, Equatable {
    case noPort
    /// It did not happen in time; says what.
    case missed(String)
}

/// A list of answers of which the last one stays.
private final class Answers: Sendable {
    private let left: Mutex<ArraySlice<[Step]>>

    init(_ answers: [[Step]]) {
        left = Mutex(answers[...])
    }

    func next() -> [Step] {
        left.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [.stall] }
    }
}
