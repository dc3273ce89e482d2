import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("A gateway that cannot start")
struct StartTests {
    @Test(
        "a port that is taken ends the gateway with an error instead of leaving half of it",
        arguments: [true, false]
    )
    func takenPort(_ isPublic: Bool) async throws {
        let holder = try await ScriptedUpstream.start()
        await #expect(throws: (any Error).self) {
            try await withGateway([], { if isPublic { $0.port = holder.port } else { $0.adminPort = holder.port } }) {
                _ in
            }
        }
        await holder.shutdown()
    }

    @Test("a certificate that cannot be read ends the gateway with an error")
    func badCertificate() async throws {
        let files = GatewaySettings.TLS(certificateFile: "/nowhere/cert.pem", keyFile: "/nowhere/key.pem")
        await #expect(throws: (any Error).self) {
            try await withGateway([], { $0.tls = files }) { _ in }
        }
    }

    @Test("B16: the gateway itself refuses what would open it to strangers")
    func refusesToStart() async throws {
        await #expect(throws: StartProblem.self) {
            try await withGateway([], { $0.clientKeys = [Secret("")] }) { _ in }
        }
    }
}
