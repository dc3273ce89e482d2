import Foundation
import JSON
import ScriptedUpstream
import Testing

@testable import torii

@Suite("torii top without a terminal")
struct TopCommandTests {
    /// Where a gateway listens.
    private struct Place {
        let url: String
        let admin: String
    }

    private static func with(_ body: (Binary, Place) async throws -> Void) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        try await body(torii, Place(url: gateway.url, admin: gateway.admin))
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("--once prints one table, with --json one object")
    func once() async throws {
        try await Self.with { torii, gateway in
            let table = try await torii.run("top", "--once", "--interval", "0.1", "--url", gateway.admin)
            #expect(table.status == 0 && table.errors == "")
            #expect(table.output.hasPrefix("MODEL  REQ/S") && table.output.contains("\nall "))
            #expect(!table.output.contains("\u{1B}"))
            let json = try await torii.run(
                ["top", "--once", "--json", "--interval", "0.1", "--group", "tenant", "--url", gateway.admin]
            )
            let root = try JSONDocument(Array(json.output.utf8)).root
            #expect(root["by"]?.string == "tenant" && root["total"]?["in_flight"]?.int == 0)
        }
    }

    @Test("--json prints a line for each interval until it is interrupted")
    func lines() async throws {
        try await Self.with { torii, gateway in
            let output = Pipe.toProgram()
            let program = try torii.start(
                ["top", "--json", "--interval", "0.1", "--url", gateway.admin],
                output: output
            )
            var text = ""
            while text.split(separator: "\n").count < 3 {
                let more = try await Binary.some(of: output)
                try #require(!more.isEmpty, "\(text)")
                text += more
            }
            program.send(SIGINT)
            #expect(await program.ending == .exit(130))
        }
    }

    @Test("where there is no terminal to draw on it says what to do")
    func noTerminal() async throws {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run("top", "--url", "http://127.0.0.1:1")
        #expect(result.status == 2 && result.output == "" && result.errors.contains("--once"))
        for words in [["--interval", "0"], ["--sort", "colour"], ["--group", "day"]] {
            #expect(try await Binary(home: scratch.path).run(["top", "--once"] + words).status == 2, "\(words)")
        }
    }

    @Test("where no gateway answers it ends with 1 and says what to do, and a key that does not hold ends with 4")
    func refused() async throws {
        let scratch = try Scratch()
        let closed = try ClosedPort()
        let url = "http://127.0.0.1:\(closed.port)"
        let nobody = try await Binary(home: scratch.path).run("top", "--once", "--url", url)
        #expect(nobody.status == 1 && nobody.errors.contains("no gateway answers at \(url)"))
        #expect(nobody.errors.contains("torii serve"))
        let bad = try await Binary(home: scratch.path).run("top", "--once", "--url", "127.0.0.1:1")
        #expect(bad.status == 3)
        try await Self.with { torii, gateway in
            let open = try await torii.run("top", "--once", "--url", gateway.url)
            #expect(open.status == 1 && open.errors.contains("is not the administration listener"))
            let made = try await torii.run(
                ["keys", "create", "k", "--role", "operator", "--url", gateway.admin]
            )
            #expect(made.status == 0, "\(made.errors)")
            let keyless = try await torii.run("top", "--once", "--url", gateway.admin)
            #expect(keyless.status == 4 && keyless.errors.contains("TORII_API_KEY"), "\(keyless.errors)")
        }
    }
}
