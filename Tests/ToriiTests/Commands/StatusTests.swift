import Foundation
import JSON
import NIOCore
import ScriptedUpstream
import Testing

@testable import torii

@Suite struct StatusTests {
    private static let whole = """
        {"version":"1.2.3","uptime_seconds":190,"ready":true,"draining":false,"connections":3,"exchanges_in_flight":2,
        "exchanges_settled":140,"config_ok":0,"config_generation":4,"config_loaded_at":"2026-01-02T03:04:05Z",
        "config_problem":"/f/c.yaml:3:1: x is not a key","config_restart_needed":["server.port"],
        "overload":{"shedding":"memory","shed":7,"loop_lag_ms":1.25,"memory_bytes":25165824},
        "providers":[
        {"name":"house","state":"reachable","base_url":"http://h","dialect":"ollama","models":12,"in_flight":2,"queued":0,"breaker":"closed"},
        {"name":"cloud","state":"unreachable","base_url":"https://c","reason":"it is down","breaker":"half_open","cooldown":2.5},
        {"name":"keyless","state":"left_out","reason":"env:KEY is not set"}]}
        """

    private static func report(_ text: String) throws -> StatusReport? {
        StatusReport(try JSONDocument(Array(text.utf8)).root)
    }

    @Test("all that a gateway tells is shown, with a row for each provider")
    func text() throws {
        let text = try #require(try Self.report(Self.whole)).text
        let expected = """
            torii 1.2.3, up 3m10s, ready
            exchanges      2 in flight, 140 settled
            connections    3
            configuration  number 4, read 2026-01-02T03:04:05Z, NOT TAKEN, the one before it stays
                           /f/c.yaml:3:1: x is not a key
                           server.port has changed and counts after a restart
            load           TURNING REQUESTS AWAY (memory), 7 turned away, loop lag 1.3 ms, memory 24.0 MiB

            PROVIDER  STATE        DIALECT  MODELS  IN FLIGHT  QUEUED  BREAKER    COOLDOWN  REASON
            house     reachable    ollama   12      2          0       closed     -         -
            cloud     unreachable  -        -       -          -       half open  2.5s      it is down
            keyless   left out     -        -       -          -       -          -         env:KEY is not set

            """
        #expect(text == expected)
    }

    @Test("what an older gateway does not tell is left out, and what is no status is none")
    func less() throws {
        let text = try #require(
            try Self.report(#"{"version":"1","uptime_seconds":0,"ready":false,"providers":[{"name":"a"}]}"#)
        ).text
        #expect(text == "torii 1, up 0s, not ready\n\nPROVIDER  STATE  DIALECT  MODELS\na         -      -        -\n")
        #expect(try Self.report("{}") == nil)
        #expect(try Self.report(#"{"status":"ok"}"#) == nil)
    }

    @Test("a running gateway is shown, as text and as JSON, and found by the configuration")
    func shown() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        let text = try await torii.run("status", "--url", gateway.admin)
        #expect(text.status == 0 && text.errors == "")
        #expect(text.output.hasPrefix("torii "))
        #expect(text.output.contains("configuration  number 1, read 2"))
        let json = try await torii.run("status", "--url", gateway.admin + "/", "--output-format", "json")
        let status = try JSONDocument(Array(json.output.utf8)).root
        #expect(status["providers"]?[0]?["name"]?.string == "demo")
        let port = gateway.admin.split(separator: ":").last ?? ""
        let found = try scratch.write("found.yaml", "server: {admin_port: \(port)}\n")
        #expect(try await torii.run("status", "--config", found).status == 0)
        let open = try await torii.run("status", "--url", gateway.url)
        #expect(open.status == 1 && open.errors.contains("is not the administration listener"))
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test(
        "where no gateway answers it ends with 1 and says what to do; a wrong configuration does not keep it from asking"
    )
    func nobody() async throws {
        let scratch = try Scratch()
        let closed = try ClosedPort()
        let torii = Binary(home: scratch.path)
        let result = try await torii.run("status", "--url", "http://127.0.0.1:\(closed.port)")
        #expect(result.status == 1 && result.output == "")
        #expect(result.errors.contains("no gateway answers at http://127.0.0.1:\(closed.port)"))
        #expect(result.errors.contains("torii serve"))
        let bad = try await torii.run("status", "--url", "127.0.0.1:1")
        #expect(bad.status == 3 && bad.errors.contains("has no http://"))
    }

    @Test("--watch shows one picture after the other until it is interrupted, in a pipe without control characters")
    func watch() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        let output = Pipe.toProgram()
        let program = try torii.start(["status", "--watch", "--url", gateway.admin], output: output)
        var text = ""
        while text.components(separatedBy: "torii ").count < 3 {
            let more = try await Binary.some(of: output)
            try #require(!more.isEmpty, "\(text)")
            text += more
        }
        program.send(SIGINT)
        #expect(await program.ending == .exit(130))
        #expect(!text.contains("\u{1B}"))
        #expect(try await gateway.stop() == .exit(0))
    }
}
