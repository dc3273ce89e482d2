import Foundation
import Testing

@testable import torii

@Suite struct ServeTests {
    private static let scripted = "providers: [{name: demo, base_url: 'scripted:'}]\n"

    /// Runs the gateway while `body` runs; gives what it wrote to standard error, and how it ended after SIGTERM.
    private static func serve(
        _ torii: Binary,
        _ arguments: [String] = [],
        _ body: (_ url: String) async throws -> Void
    ) async throws -> (errors: String, ending: Program.Ending) {
        let errors = Pipe.toProgram()
        let program = try torii.start(["serve", "--port", "0", "--admin-port", "0"] + arguments, errors: errors)
        var log = ""
        while try log.firstMatch(of: Regex("listening on (https?://[^, ]*), admin")) == nil {
            let more = try await Binary.some(of: errors)
            guard !more.isEmpty else { break }
            log += more
        }
        do {
            let match = try #require(try log.firstMatch(of: Regex("listening on (https?://[^, ]*), admin")), "\(log)")
            try await body(String(match[1].substring ?? ""))
        } catch {
            program.send(SIGTERM)
            throw error
        }
        program.send(SIGTERM)
        log += try await Binary.rest(of: errors)
        return (log, await program.ending)
    }

    @Test("a prompt goes through the gateway, which logs it, and SIGTERM ends it well")
    func serves() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.scripted)
        let torii = Binary(home: scratch.path)
        let end = try await Self.serve(torii, ["--config", file]) { url in
            let text = "providers: [{name: gate, base_url: '\(url)/v1', model: scripted, dialect: chat}]\n"
            let client = try scratch.write("client.yaml", text)
            let result = try await torii.run("--config", client, "through the gate")
            #expect(result.errors == "")
            #expect(result.output.contains("“through the gate”"))
        }
        #expect(end.ending == .exit(0))
        let members = #""route":"POST /v1/chat/completions","client":"torii","dialect":"chat","provider":"demo""#
        #expect(end.errors.contains(members))
    }

    @Test("a provider whose key is not set is left out, unless it is the default one")
    func leftOut() async throws {
        let scratch = try Scratch()
        let keyed = "{name: keyed, base_url: 'http://127.0.0.1:1/v1', api_key: 'env:NO_SUCH_KEY'}"
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}, \(keyed)]\n")
        let torii = Binary(home: scratch.path)
        let end = try await Self.serve(torii, ["--config", file]) { _ in }
        #expect(end.errors.contains("a provider is left out: the api_key of provider keyed is env:NO_SUCH_KEY"))
        let other = try scratch.write("other.yaml", "providers: [\(keyed)]\n")
        let result = try await torii.run("serve", "--config", other, "--port", "0", "--admin-port", "0")
        #expect(result.status == 3)
        #expect(result.errors.contains("the environment variable NO_SUCH_KEY is not set"))
    }

    @Test(
        "B16: off loopback a first start shows an operator's key, once, and a weak key of the configuration is refused"
    )
    func offLoopback() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.scripted)
        var torii = Binary(home: scratch.path)
        let serve = ["serve", "--config", file, "--host", "0.0.0.0", "--port", "0", "--admin-port", "0"]
        for isFirst in [true, false] {
            let gateway = try await RunningGateway.start(torii, ["--config", file, "--host", "0.0.0.0"])
            let text = gateway.logSoFar
            let key = text.firstMatch(of: /^sk-torii-[a-z0-9]{12}-[A-Za-z0-9]{40}$/.anchorsMatchLineEndings())
            #expect((key != nil) == isFirst, "\(text)")
            #expect(try await gateway.stop() == .exit(0))
        }
        try scratch.write("config.yaml", Self.scripted + "server: {keys: ['env:CLIENT_KEY']}\n")
        torii.environment = ["CLIENT_KEY": "changeme"]
        let weak = try await torii.run(serve)
        #expect(weak.status == 3)
        #expect(weak.errors.contains("is a default key"))
        #expect(!weak.errors.contains("changeme"))
    }

    @Test("a port that is taken ends with 3 and the way out")
    func portTaken() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.scripted)
        let torii = Binary(home: scratch.path)
        _ = try await Self.serve(torii, ["--config", file]) { url in
            let port = String(url.split(separator: ":").last ?? "")
            let second = try await torii.run("serve", "--config", file, "--port", port, "--admin-port", "0")
            #expect(second.status == 3)
            #expect(second.errors.contains("is in use"))
        }
    }
}
