import Foundation
import ScriptedUpstream
import Testing

@testable import torii

@Suite struct RunTests {
    /// The program with one provider `up` at the upstream.
    private static func torii(
        _ scratch: borrowing Scratch,
        _ up: ScriptedUpstream,
        dialect: String = "chat",
        more: String = ""
    ) throws -> Binary {
        try torii(scratch, up.url, dialect: dialect, more: more)
    }

    private static func torii(
        _ scratch: borrowing Scratch,
        _ url: String,
        dialect: String,
        more: String = ""
    ) throws -> Binary {
        let text = """
            providers:
              - name: up
                base_url: \(url)/v1
                model: m
                dialect: \(dialect)
            \(more)
            """
        let file = try scratch.write("config.yaml", text)
        return Binary(home: scratch.path, environment: ["TORII_CONFIG": file])
    }

    /// An answer of these words in a dialect, as its server streams it.
    private static func answer(_ dialect: String, _ words: [String]) -> [Step] {
        switch dialect {
        case "responses": Answer.stream(ModelAnswers.responses(words))
        case "messages": Answer.stream(ModelAnswers.messages(words))
        case "ollama": Answer.stream(ModelAnswers.ollama(words), contentType: "application/x-ndjson")
        default: Answer.stream(ModelAnswers.chat(words))
        }
    }

    private static func withUpstream(
        _ script: @escaping ScriptedUpstream.Script,
        _ body: (ScriptedUpstream) async throws -> Void
    ) async throws {
        let up = try await ScriptedUpstream.start(script: script)
        do {
            try await body(up)
        } catch {
            await up.shutdown()
            throw error
        }
        await up.shutdown()
    }

    @Test(
        "an answer goes to standard output alone, in every dialect",
        arguments: ["chat", "responses", "messages", "ollama"]
    )
    func text(dialect: String) async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer(dialect, ["Hello", ", ", "world."]) }) { up in
            let torii = try Self.torii(scratch, up, dialect: dialect)
            for arguments in [["say", "hello"], ["run", "say hello"], ["--stream", "say hello"]] {
                let result = try await torii.run(arguments)
                #expect(result.errors == "")
                #expect(result.output == "Hello, world.\n")
                #expect(result.status == 0)
            }
            #expect(up.requests.allSatisfy { $0.bodyText.contains("say hello") })
        }
    }

    @Test("an answer streams into a pipe: each part is there before the next one is sent")
    func streams() async throws {
        let scratch = try Scratch()
        let gate = Gate()
        let events = ModelAnswers.chat(["first ", "second"])
        let steps =
            [Answer.chunkedHead()] + events[...1].map(Answer.chunk) + [.wait(gate)] + events[2...].map(Answer.chunk)
            + [Answer.lastChunk]
        try await Self.withUpstream({ _ in steps }) { up in
            let output = Pipe.toProgram()
            let program = try Self.torii(scratch, up).start(["go"], output: output)
            let first = try await Binary.read(output, atMost: 6)
            #expect(first == "first ")
            gate.open()
            #expect(try await Binary.rest(of: output) == "second\n")
            #expect(await program.ending == .exit(0))
        }
    }

    @Test("--no-stream asks for one body and prints it")
    func noStream() async throws {
        let scratch = try Scratch()
        let body =
            #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}"#
        try await Self.withUpstream({ _ in Answer.json(body) }) { up in
            let result = try await Self.torii(scratch, up).run("--no-stream", "hello")
            #expect(result.output == "Hi\n")
            #expect(!up.requests[0].bodyText.contains(#""stream":true"#))
        }
    }

    @Test("what is piped in is put behind the prompt, and is the prompt where there is none")
    func piped() async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer("chat", ["ok"]) }) { up in
            let torii = try Self.torii(scratch, up)
            _ = try await torii.run("what", "is this?", input: "a diff\n")
            #expect(up.requests[0].bodyText.contains(#""what is this?\n\na diff""#))
            _ = try await torii.run(["--system", "be brief"], input: "only input")
            #expect(up.requests[1].bodyText.contains(#""only input""#))
            #expect(up.requests[1].bodyText.contains(#""be brief""#))
            let nothing = try await torii.run([], input: "\n")
            #expect(nothing.status == 2)
            #expect(nothing.output == "")
        }
    }

    @Test("json is one object at the end, stream-json a line for each event")
    func json() async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer("chat", ["Hel", "lo"]) }) { up in
            let torii = try Self.torii(scratch, up)
            let whole = try await torii.run("--output-format", "json", "go")
            #expect(
                whole.output == """
                    {"provider":"up","model":"m","id":"chatcmpl-1","text":"Hello","stop_reason":"end_turn",\
                    "usage":{"input":3,"output":2}}

                    """
            )
            let lines = try await torii.run("--output-format", "stream-json", "go")
            #expect(
                lines.output == """
                    {"type":"started","id":"chatcmpl-1","model":"m"}
                    {"type":"text_delta","text":"Hel"}
                    {"type":"text_delta","text":"lo"}
                    {"type":"usage","usage":{"input":3,"output":2}}
                    {"type":"finished","stop_reason":"end_turn"}

                    """
            )
        }
    }

    @Test("the flags choose provider and model; the environment chooses where no flag does")
    func choice() async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer("chat", ["ok"]) }) { up in
            let more = "  - {name: other, base_url: '\(up.url)/other', model: o, dialect: chat}\n"
            var torii = try Self.torii(scratch, up, more: more)
            _ = try await torii.run("--provider", "other", "--model", "x", "go")
            #expect(up.requests[0].target == "/other/chat/completions")
            #expect(up.requests[0].bodyText.contains(#""model":"x""#))
            torii.environment["TORII_PROVIDER"] = "other"
            _ = try await torii.run("go")
            #expect(up.requests[1].bodyText.contains(#""model":"o""#))
            _ = try await torii.run("--provider", "up", "go")
            #expect(up.requests[2].target == "/v1/chat/completions")
            let unknown = try await torii.run("--provider", "ohter", "go")
            #expect(unknown.status == 3)
            #expect(unknown.errors.contains("Did you mean other?"))
        }
    }

    @Test("--num-ctx reaches Ollama as options.num_ctx, and is an error for any other dialect")
    func contextLength() async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer("ollama", ["ok"]) }) { up in
            let result = try await Self.torii(scratch, up, dialect: "ollama").run("--num-ctx", "4096", "go")
            #expect(result.status == 0)
            #expect(up.requests[0].target == "/api/chat")
            #expect(up.requests[0].bodyText.contains(#""num_ctx":4096"#))
            let other = try await Self.torii(scratch, up, dialect: "chat").run("--num-ctx", "4096", "go")
            #expect(other.status == 1)
            #expect(other.errors.contains("--num-ctx is for Ollama's own API"))
            #expect(up.requests.count == 1)
        }
    }

    struct Failure: Sendable {
        var name: String
        var status: Int
        var body: String
        var dialect = "chat"
        var key = "\"\""
        var exit: Int32
        var says: [String]
    }

    private static let failures = [
        Failure(
            name: "E1",
            status: 404,
            body: #"{"error":"model 'gpt-oss' not found"}"#,
            dialect: "ollama",
            exit: 5,
            says: ["gpt-oss", "Pull it: torii models pull m"]
        ),
        Failure(
            name: "E2",
            status: 500,
            body: #"{"error":"CUDA out of memory. Tried to allocate 2.00 GiB"}"#,
            dialect: "ollama",
            exit: 7,
            says: ["quantised model", "--num-ctx", "GPU memory"]
        ),
        Failure(
            name: "E3",
            status: 401,
            body: #"{"error":{"message":"invalid API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            key: "sk-canary",
            exit: 4,
            says: ["API_KEY should be empty", "api_key: \"\"", "config.yaml:6"]
        ),
        Failure(
            name: "no key",
            status: 401,
            body: #"{"error":{"message":"missing API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            exit: 4,
            says: ["No key was sent"]
        ),
        Failure(
            name: "context",
            status: 400,
            body: #"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
            exit: 6,
            says: ["Shorten the prompt"]
        ),
        Failure(
            name: "busy",
            status: 429,
            body: #"{"error":{"message":"slow down","type":"rate_limit","code":"rate_limit_exceeded"}}"#,
            exit: 7,
            says: ["Try again"]
        ),
        Failure(name: "broken", status: 500, body: "oops", exit: 7, says: ["up"]),
    ]

    @Test(
        "E1, E2, E3 and their kin print the cause and the next command, and end with their own code",
        arguments: failures
    )
    func failure(_ failure: Failure) async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Answer.json(failure.body, status: failure.status) }) { up in
            let more = "    api_key: \(failure.key)\n"
            let result = try await Self.torii(scratch, up, dialect: failure.dialect, more: more).run("go")
            #expect(result.status == failure.exit)
            #expect(result.output == "")
            for text in failure.says { #expect(result.errors.contains(text)) }
            #expect(!result.errors.contains("canary"))
        }
    }

    @Test("a failure in JSON is an object with what came of the answer, and the exit code is the same")
    func jsonFailure() async throws {
        let scratch = try Scratch()
        let events = ModelAnswers.chat(["half"])
        let steps = [Answer.chunkedHead()] + events[...1].map(Answer.chunk) + [.close]
        try await Self.withUpstream({ _ in steps }) { up in
            let torii = try Self.torii(scratch, up)
            let whole = try await torii.run("--output-format", "json", "go")
            #expect(whole.status == 7)
            #expect(whole.output.contains(#""text":"half""#))
            #expect(whole.output.contains(#""error":{"code":"upstream_interrupted""#))
            let lines = try await torii.run("--output-format", "stream-json", "go")
            #expect(lines.output.split(separator: "\n").last?.hasPrefix(#"{"type":"error""#) == true)
            let text = try await torii.run("go")
            #expect(text.output == "half\n")
            #expect(text.status == 7)
        }
    }

    @Test("a provider that does not listen ends with 7 and the next step")
    func unreachable() async throws {
        let scratch = try Scratch()
        let closed = try ClosedPort()
        let torii = try Self.torii(scratch, "http://127.0.0.1:\(closed.port)", dialect: "ollama")
        let result = try await torii.run("go")
        #expect(result.status == 7)
        #expect(result.errors.contains("Start Ollama"))
    }

    @Test("F12: Ctrl-C cancels the upstream and ends with 130", arguments: [false, true])
    func interruption(isStreaming: Bool) async throws {
        let scratch = try Scratch()
        let begun = [Answer.chunkedHead()] + ModelAnswers.chat(["first "])[...1].map(Answer.chunk)
        let steps: [Step] = (isStreaming ? begun : []) + [.stall]
        try await Self.withUpstream({ _ in steps }) { up in
            let output = Pipe.toProgram()
            let program = try Self.torii(scratch, up).start(["go"], output: output)
            if isStreaming { #expect(try await Binary.read(output, atMost: 6) == "first ") }
            _ = try await up.request()
            program.send(SIGINT)
            try await up.connectionClosed()
            #expect(await program.ending == .exit(130))
        }
    }

    @Test("a reader that goes away ends torii quietly and cancels the upstream")
    func readerGone() async throws {
        let scratch = try Scratch()
        let begun = [Answer.chunkedHead()] + ModelAnswers.chat(["first "])[...1].map(Answer.chunk)
        let more = ModelAnswers.chat([String(repeating: "x", count: 500)])[1]
        let endless = Array("\(String(more.utf8.count, radix: 16))\r\n\(more)\r\n".utf8)
        try await Self.withUpstream({ _ in begun + [.endless(endless)] }) { up in
            let (output, errors) = (Pipe.toProgram(), Pipe.toProgram())
            let program = try Self.torii(scratch, up).start(["go"], output: output, errors: errors)
            #expect(try await Binary.read(output, atMost: 6) == "first ")
            try output.fileHandleForReading.close()
            try await up.connectionClosed()
            #expect(await program.ending == .exit(0))
            #expect(try await Binary.rest(of: errors) == "")
        }
    }

    @Test(
        "a first word that looks like a command is an error in a pipe, and nothing is sent",
        arguments: [["serv"], ["modles", "list"], ["confg"], ["doctr"], ["--config", "x", "config", "check"]]
    )
    func firstWord(arguments: [String]) async throws {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run(arguments)
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(
            result.errors.contains(
                "torii run \(arguments.last == "check" ? "config check" : arguments.joined(separator: " "))"
            )
        )
    }

    @Test("torii run sends what looks like a command")
    func explicitRun() async throws {
        let scratch = try Scratch()
        try await Self.withUpstream({ _ in Self.answer("chat", ["ok"]) }) { up in
            let result = try await Self.torii(scratch, up).run("run", "serv")
            #expect(result.output == "ok\n")
        }
    }

    @Test("without a model's name the only model is used, and several are listed")
    func noModel() async throws {
        let scratch = try Scratch()
        let both = #"{"object":"list","data":[{"id":"one","object":"model"},{"id":"two","object":"model"}]}"#
        let one = #"{"object":"list","data":[{"id":"one","object":"model"}]}"#
        for (list, status) in [(one, Int32(0)), (both, 5)] {
            try await Self.withUpstream({ request in
                request.target == "/v1/models" ? Answer.json(list) : Self.answer("chat", ["ok"])
            }) { up in
                let text = "providers: [{name: up, base_url: '\(up.url)/v1', dialect: chat}]\n"
                let file = try scratch.write("config.yaml", text)
                let result = try await Binary(home: scratch.path).run("--config", file, "go")
                #expect(result.status == status)
                #expect(status == 0 ? result.errors.contains("using one") : result.errors.contains("it has one, two"))
            }
        }
    }

    @Test("control characters of a model are passed on in a pipe and taken out on a terminal")
    func controls() {
        #expect(
            TerminalText.safe("a\u{1B}]52;c;eA==\u{07}b\r\n\tc\u{9B}31m\u{7F}é\u{202E}日本") == "a]52;c;eA==b\n\tc31mé日本"
        )
        #expect(TerminalText.safe("plain\ttext\n") == "plain\ttext\n")
    }
}
