import NIOCore
import Providers
import Synchronization

/// Sends an alert through the gateway's own transport: no redirect is followed, and each part of it has a deadline.
final class AlertPost: Sendable {
    private let settings: TransportSettings
    /// Made when the first alert is sent.
    private let client = Mutex<UpstreamClient?>(nil)

    init(_ settings: TransportSettings) { self.settings = settings }

    /// Sends a body, and gives the status that answered.
    ///
    /// - Throws: `TransportFailure` within ten seconds, whatever the other side does.
    func send(_ body: [UInt8], signature: String, _ alerts: AlertSettings) async throws(TransportFailure) -> Int {
        let client = client.withLock { client in
            let made = client ?? UpstreamClient(settings: settings)
            client = made
            return made
        }
        let request = UpstreamRequest(
            method: "POST",
            target: alerts.address.target,
            fields: Fields([
                ("content-type", "application/json"), ("accept-encoding", "identity"),
                (AlertSignature.field, signature),
            ]),
            body: [ByteBuffer(bytes: body)],
            origin: Origin(alerts.address.base, caFile: alerts.caFile, partition: "budget alerts"),
            timeouts: Self.timeouts
        )
        // What stands in the answer is nobody's business; dropping it closes the connection.
        return try await client.execute(request).status
    }

    private static let timeouts = Timeouts(
        connect: .seconds(3),
        firstByte: .seconds(5),
        idle: .seconds(5),
        total: .seconds(10)
    )
}
