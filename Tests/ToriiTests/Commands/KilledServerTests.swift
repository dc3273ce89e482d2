import Foundation
import JSON
import NIOCore
import Providers
import Testing

/// The gateway as a process that may end without a warning.
@Suite struct KilledServerTests {
    private static let listening = "listening on (http://[^, ]*), admin"

    /// Starts the gateway and waits until it listens.
    private static func start(
        _ torii: Binary,
        _ file: String
    ) async throws -> (program: Program, url: String) {
        let errors = Pipe.toProgram()
        let program = try torii.start(["serve", "--port", "0", "--admin-port", "0", "--config", file], errors: errors)
        var log = ""
        while try log.firstMatch(of: Regex(listening)) == nil {
            let more = try await Binary.some(of: errors)
            guard !more.isEmpty else { break }
            log += more
        }
        let match = try #require(try log.firstMatch(of: Regex(listening)), "\(log)")
        return (program, String(match[1].substring ?? ""))
    }

    private static func ask(
        _ url: String,
        _ method: String,
        _ path: String,
        _ body: String = ""
    ) async throws -> JSONView {
        let client = UpstreamClient()
        let request = UpstreamRequest(
            method: method,
            target: path,
            fields: Fields([("content-type", "application/json")]),
            body: body.isEmpty ? [] : [ByteBuffer(string: body)],
            origin: Origin(try BaseURL(url))
        )
        let bytes = try await client.execute(request).body.collect(upTo: 1 << 20)
        await client.shutdown()
        return try JSONDocument(bytes).root
    }

    private static func end(_ program: Program) async {
        program.send(SIGKILL)
        #expect(await program.ending == .signal(SIGKILL))
    }

    @Test("F14: after kill -9 a conversation goes on where it was, and its files are its user's alone")
    func killed() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:', model: m}]\n")
        let torii = Binary(home: scratch.path)
        var previous = ""
        for turn in 0..<3 {
            let (program, url) = try await Self.start(torii, file)
            let continues = previous.isEmpty ? "" : #""previous_response_id":"\#(previous)","#
            let body = #"{"model":"m",\#(continues)"input":"turn \#(turn)"}"#
            let answer = try await Self.ask(url, "POST", "/v1/responses", body)
            previous = try #require(answer["id"]?.string, "\(String(decoding: answer.raw, as: UTF8.self))")
            // What is asked behind it is answered when it has been written.
            let items = try await Self.ask(url, "GET", "/v1/responses/\(previous)/input_items?limit=100")
            #expect(items["data"]?.elements.count(where: { _ in true }) == 2 * turn + 1)
            await Self.end(program)
        }
        #expect(try scratch.mode(".local/state/torii") == 0o700)
        for name in ["torii.sqlite", "seal.key"] { #expect(try scratch.mode(".local/state/torii/\(name)") == 0o600) }
    }

    @Test("where nothing can be written the gateway serves all the same, and says that it keeps less")
    func readOnly() async throws {
        let scratch = try Scratch()
        try scratch.write(".local", "a file in the way")
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:', model: m}]\n")
        let (program, url) = try await Self.start(Binary(home: scratch.path), file)
        let answer = try await Self.ask(url, "POST", "/v1/responses", #"{"model":"m","input":"hi"}"#)
        let id = try #require(answer["id"]?.string)
        #expect(try await Self.ask(url, "GET", "/v1/responses/\(id)")["id"]?.string == id)
        await Self.end(program)
    }
}
