import Providers
import ScriptedUpstream
import Testing

@testable import torii

@Suite struct ModelsTests {
    /// An Ollama with one model, gpt-oss, which is loaded.
    private static func ollama(_ request: ReceivedRequest) -> [Step] {
        switch request.target {
        case "/api/version": Answer.json(#"{"version":"0.33.0"}"#)
        case "/api/tags":
            Answer.json(#"{"models":[{"name":"gpt-oss:latest","model":"gpt-oss:latest","size":13793441244}]}"#)
        case "/api/ps":
            Answer.json(
                #"{"models":[{"name":"gpt-oss:latest","model":"gpt-oss:latest","size":14000000000,"context_length":8192}]}"#
            )
        case "/api/show" where request.bodyText.contains("gpt-oss"):
            Answer.json(
                #"{"details":{"family":"gptoss","parameter_size":"20.9B","quantization_level":"MXFP4"},"#
                    + #""model_info":{"gptoss.context_length":131072},"capabilities":["completion","tools","thinking"]}"#
            )
        case "/api/show": Answer.json(#"{"error":"model 'x' not found"}"#, status: 404)
        case "/api/pull" where request.bodyText.contains("gpt-oss"):
            Answer.stream(
                [
                    #"{"status":"pulling manifest"}"#,
                    #"{"status":"pulling 0123456789ab","digest":"sha256:0123","total":1048576,"completed":524288}"#,
                    #"{"status":"pulling 0123456789ab","digest":"sha256:0123","total":1048576,"completed":1048576}"#,
                    #"{"status":"verifying sha256 digest"}"#, #"{"status":"success"}"#,
                ].map { $0 + "\n" },
                contentType: "application/x-ndjson"
            )
        case "/api/pull": Answer.json(#"{"error":"pull model manifest: file does not exist"}"#, status: 500)
        default: Answer.json("{}", status: 404)
        }
    }

    private static func withOllama(
        more: String = "",
        _ body: (ScriptedUpstream, Binary) async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let up = try await ScriptedUpstream.start(script: ollama)
        let text = "providers:\n  - {name: local, base_url: '\(up.url)/v1', model: gpt-oss}\n\(more)"
        let file = try scratch.write("config.yaml", text)
        do {
            try await body(up, Binary(home: scratch.path, environment: ["TORII_CONFIG": file]))
        } catch {
            await up.shutdown()
            throw error
        }
        await up.shutdown()
    }

    @Test("models list shows every provider's models, and one that does not answer spoils nothing")
    func list() async throws {
        try await Self.withOllama(more: "  - {name: gone, base_url: 'http://127.0.0.1:1/v1'}\n") { _, torii in
            let result = try await torii.run("models", "list")
            #expect(result.status == 0)
            #expect(
                result.output == """
                    MODEL           PROVIDER  SIZE      PARAMETERS  CONTEXT  USD PER M
                    gpt-oss:latest  local     12.8 GiB  -           8192     -

                    """
            )
            #expect(result.errors.contains("gone"))
            let json = try await torii.run("models", "list", "--provider", "local", "--output-format", "json")
            #expect(
                json.output
                    == #"[{"provider":"local","name":"gpt-oss:latest","size":13793441244,"loaded_context_length":8192,"#
                    + #""context_window":8192,"context_source":"allocated","output_limit":8192,"#
                    + #""efforts":["low","medium","high"]}]"# + "\n"
            )
            #expect(try await torii.run("models", "list", "--provider", "gone").status == 7)
        }
    }

    @Test("models show tells the trained and the allocated context")
    func show() async throws {
        try await Self.withOllama { _, torii in
            let result = try await torii.run("models", "show", "gpt-oss")
            #expect(result.status == 0)
            #expect(result.output.contains("131072 tokens at most"))
            #expect(result.output.contains("context 8192 tokens"))
            #expect(result.output.contains("window        8192 tokens, as allocated now\n"))
            let missing = try await torii.run("models", "show", "x")
            #expect(missing.status == 5)
            #expect(missing.errors.contains("torii models pull x"))
        }
    }

    @Test("models pull prints plain lines into a pipe, and what Ollama says of a failure")
    func pull() async throws {
        try await Self.withOllama { _, torii in
            let result = try await torii.run("models", "pull", "gpt-oss")
            #expect(result.status == 0)
            #expect(result.output == "")
            #expect(
                result.errors == """
                    pulling manifest
                    pulling 0123456789ab 50% of 1.0 MiB
                    pulling 0123456789ab 100% of 1.0 MiB
                    verifying sha256 digest
                    success
                    torii: gpt-oss is there; try: torii --provider local --model gpt-oss "hello"

                    """
            )
            let missing = try await torii.run("models", "pull", "nothing")
            #expect(missing.status != 0)
            #expect(missing.errors.contains("file does not exist"))
        }
    }

    @Test("init finds the Ollama and its model")
    func initialise() async throws {
        try await Self.withOllama { up, torii in
            var torii = torii
            torii.environment = ["OLLAMA_BASE_URL": "\(up.url)/v1"]
            let result = try await torii.run("init", "--config", "new.yaml")
            #expect(result.errors.contains("Ollama answers, with 1 model."))
            let list = try await torii.run("providers", "list", "--config", "new.yaml")
            #expect(list.output.contains("ollama *  \(up.url)/v1  gpt-oss:latest  ollama   none"))
        }
    }

    @Test("doctor tells of each provider what works and what to do")
    func doctor() async throws {
        try await Self.withOllama(more: "  - {name: gone, base_url: 'http://127.0.0.1:1/v1'}\n") { _, torii in
            let result = try await torii.run("doctor")
            #expect(result.output.contains("provider local (default)"))
            #expect(result.output.contains("ok    answers, Ollama 0.33.0, dialect ollama"))
            #expect(result.output.contains("131072 tokens of context at most, 8192 allocated now"))
            #expect(result.output.contains("provider gone: http://127.0.0.1:1/v1\n  FAIL"))
            #expect(result.status == 7)
            #expect(try await torii.run("providers", "test").status == 0)
            #expect(try await torii.run("providers", "test", "gone").status == 7)
        }
    }

    @Test("doctor asks the issuers of tokens for their keys")
    func issuers() async throws {
        let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
        let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        let scratch = try Scratch()
        let set = #"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"\#(x)","y":"\#(y)"},{"kty":"oct"}]}"#
        let good = try scratch.write("keys.json", set)
        let server = """
            server:
              tokens:
                - {issuer: good, audience: a, jwks_file: '\(good)', claims: {tenant: t}}
                - {issuer: gone, audience: a, jwks_file: '\(scratch.path)/none.json', claims: {tenant: t}}

            """
        try await Self.withOllama(more: server) { _, torii in
            let result = try await torii.run("doctor")
            #expect(result.output.contains("issuer good\n  ok    has 1 key that can be used\n"))
            #expect(result.output.contains("key 1 is not used: its kty oct is of none of the algorithms"))
            #expect(result.output.contains("issuer gone\n  FAIL  "))
            #expect(result.status == 1)
        }
    }

    @Test("a pull on a terminal is one line with bytes, rate and time left")
    func bar() {
        var display = PullDisplay(isTerminal: true, columns: 100)
        let status = "pulling 0123456789ab"
        func step(_ completed: Int) -> PullProgress {
            PullProgress(status: status, digest: "d", total: 100 << 20, completed: completed << 20)
        }
        #expect(display.show(PullProgress(status: "pulling manifest"), at: .zero) == .overwrite("pulling manifest"))
        _ = display.show(step(0), at: .zero)
        #expect(display.show(step(5), at: .milliseconds(50)) == nil)
        let bar = String(repeating: "█", count: 17) + String(repeating: "░", count: 18)
        #expect(
            display.show(step(50), at: .seconds(2))
                == .overwrite("\(status) \(bar) 50% 50.0 MiB/100.0 MiB 25.0 MiB/s ETA 2s")
        )
        var narrow = PullDisplay(isTerminal: true, columns: 30)
        guard case .overwrite(let line) = narrow.show(step(50), at: .zero) else { return #expect(Bool(false)) }
        #expect(line.count == 29)
    }

    @Test("figures are read at a glance")
    func figures() {
        #expect(Figures.bytes(0) == "0 B")
        #expect(Figures.bytes(1536) == "1.5 KiB")
        #expect(Figures.bytes(13_793_441_244) == "12.8 GiB")
        #expect(Figures.wait(59) == "59s")
        #expect(Figures.wait(190) == "3m10s")
        #expect(Figures.wait(3_900) == "1h05m")
    }
}
