import Foundation
import Providers
import ScriptedUpstream
import Testing

@testable import torii

@Suite("torii launch")
struct LaunchTests {
    /// A tool that writes down how it was called, then does what the test says.
    private static func install(_ tool: String, _ script: String, in scratch: borrowing Scratch) throws {
        let record = "for word in \"$@\"; do printf '%s\\n' \"$word\"; done > \"$OUT/args\"\nenv > \"$OUT/env\"\n"
        // A file that is open for writing, be it in a program that just starts, cannot be run.
        try Program.whileNoneStarts {
            _ = try scratch.write("bin/\(tool)", "#!/bin/sh\n\(record)\(script)\n", mode: 0o755)
        }
    }

    /// torii with the scratch folder's tools, and an address at which no gateway answers.
    private static func torii(_ scratch: borrowing Scratch, more: String = "") throws -> Binary {
        let text = "providers: [{name: demo, base_url: 'scripted:', model: scripted}]\nserver: {port: 1}\n\(more)"
        let file = try scratch.write("config.yaml", text)
        return Binary(
            home: scratch.path,
            environment: [
                "TORII_CONFIG": file, "PATH": "\(scratch.path)/bin:/usr/bin:/bin", "OUT": scratch.path,
                "TORII": Binary.path, "ANTHROPIC_API_KEY": "sk-mine", "OPENAI_API_KEY": "sk-mine-too",
            ]
        )
    }

    private static func variables(_ scratch: borrowing Scratch) throws -> [String: String] {
        let lines = try scratch.text("env").split(separator: "\n")
        return Dictionary(
            lines.compactMap { line in
                line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
            }
        ) { first, _ in first }
    }

    /// What the fake tools do: ask the gateway that they were given.
    private static func asking(_ address: String) -> String {
        """
        printf 'providers: [{name: gate, base_url: "%s", api_key: local, model: scripted, dialect: chat}]\\n' \\
          "\(address)" > "$OUT/client.yaml"
        "$TORII" --config "$OUT/client.yaml" "through the gate"
        exit 7
        """
    }

    @Test("where no gateway answers one runs beside the tool, whose output and status are torii's")
    func beside() async throws {
        let scratch = try Scratch()
        try Self.install("claude", Self.asking("$ANTHROPIC_BASE_URL/v1"), in: scratch)
        let result = try await Self.torii(scratch).run("launch", "claude", "--", "-p", "two words", "--model", "x")
        #expect(result.output.contains("“through the gate”"), "\(result.errors)")
        #expect(result.status == 7)
        #expect(try scratch.text("args") == "-p\ntwo words\n--model\nx\n")
        let variables = try Self.variables(scratch)
        #expect(variables["ANTHROPIC_AUTH_TOKEN"] == "local")
        #expect(variables["ANTHROPIC_API_KEY"] == nil)
        for name in ["MODEL", "SMALL_FAST_MODEL", "DEFAULT_HAIKU_MODEL", "DEFAULT_SONNET_MODEL", "DEFAULT_OPUS_MODEL"] {
            #expect(variables["ANTHROPIC_\(name)"] == "scripted", "\(name)")
        }
        let home = "\(scratch.path)/.local/state/torii/launch/claude"
        #expect(variables["CLAUDE_CONFIG_DIR"] == home)
        #expect(FileManager.default.fileExists(atPath: "\(home)/.claude.json"))
        // Its log is in torii's own folder, and the terminal is the tool's.
        #expect(try scratch.text(".local/state/torii/launch/gateway.log").contains("/v1/chat/completions"))
        #expect(!result.errors.contains("listening"))
    }

    @Test("Codex gets a home of torii's own, and everything else on its command line")
    func codex() async throws {
        let scratch = try Scratch()
        try Self.install("codex", "exit 0", in: scratch)
        let mine = try scratch.write(".codex/config.toml", "model = \"mine\"\n")
        let torii = try Self.torii(scratch, more: "models: [{name: scripted, context_window: 100000}]\n")
        let result = try await torii.run("launch", "codex", "--", "exec", "hi")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors == "")
        let words = try scratch.text("args").split(separator: "\n").map(String.init)
        #expect(words.suffix(2) == ["exec", "hi"])
        let settings = words.dropLast(2).filter { $0 != "-c" }.joined(separator: "\n")
        let tree = try ConfigurationFormat.toml.tree(of: settings, file: "arguments")
        #expect(tree["model"].flatMap(MappingReader.text) == "scripted")
        let provider = try #require(tree["model_providers"]?["torii"])
        let base = try #require(provider["base_url"].flatMap(MappingReader.text))
        #expect(base.hasPrefix("http://127.0.0.1:") && base.hasSuffix("/v1"))
        #expect(provider["model_catalog_url"].flatMap(MappingReader.text) == base + "/models")
        #expect(provider["wire_api"].flatMap(MappingReader.text) == "responses")
        let variables = try Self.variables(scratch)
        #expect(variables["CODEX_HOME"] == "\(scratch.path)/.local/state/torii/launch/codex")
        #expect(variables["TORII_API_KEY"] == "local")
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "model = \"mine\"\n")
    }

    @Test("a Codex that is too old to ask for models gets them as a file")
    func oldCodex() async throws {
        let scratch = try Scratch()
        try Self.install("codex", "[ \"$1\" = --version ] && echo codex-cli 0.147.0", in: scratch)
        let torii = try Self.torii(scratch)
        #expect(try await torii.run("launch", "codex").status == 1)
        let words = try scratch.text("args")
        let file = "\(scratch.path)/.local/state/torii/launch/codex/torii-models.json"
        #expect(words.contains("model_catalog_json=\"\(file)\""))
        let tree = try ConfigurationFormat.json.tree(of: String(contentsOfFile: file, encoding: .utf8), file: file)
        guard case .sequence(let models) = tree["models"]?.content else { return #expect(Bool(false), "no models") }
        #expect(models.compactMap { $0["slug"].flatMap(MappingReader.text) }.contains("scripted"))
        #expect(models.first?["base_instructions"] != nil)
    }

    @Test(
        "versions are read as Codex says them",
        arguments: [
            ("codex-cli 0.133.0", true), ("codex-cli 0.158.9", true), ("codex-cli 0.159.0-alpha.1", false),
            ("codex-cli 0.163.0", false), ("codex-cli 1.0.0", false), ("", false), ("codex", false),
        ]
    )
    func versions(text: String, isOld: Bool) {
        #expect(CodexRelease(text).isOlderThanCatalogues == isOld)
    }

    @Test("aider and opencode get a model with its limits")
    func others() async throws {
        let scratch = try Scratch()
        try Self.install("aider", "exit 0", in: scratch)
        try Self.install("opencode", "exit 0", in: scratch)
        let torii = try Self.torii(
            scratch,
            more: "models: [{name: scripted, context_window: 100000, output_limit: 9000}]\n"
        )
        #expect(try await torii.run("launch", "aider").status == 0)
        var variables = try Self.variables(scratch)
        #expect(variables["AIDER_MODEL"] == "openai/scripted")
        #expect(variables["OPENAI_API_BASE"]?.hasSuffix("/v1") == true && variables["OPENAI_API_KEY"] == "local")
        let metadata = try String(contentsOfFile: try #require(variables["AIDER_MODEL_METADATA_FILE"]), encoding: .utf8)
        #expect(metadata.contains(#""max_input_tokens":100000,"max_output_tokens":9000"#))
        #expect(try await torii.run("launch", "opencode", "--model", "demo/scripted").status == 0)
        variables = try Self.variables(scratch)
        let text = try #require(variables["OPENCODE_CONFIG_CONTENT"])
        let tree = try ConfigurationFormat.json.tree(of: text, file: "variable")
        #expect(tree["model"].flatMap(MappingReader.text) == "torii/demo/scripted")
        let model = tree["provider"]?["torii"]?["models"]?["demo/scripted"]
        #expect(
            model?["limit"]?["context"].map(\.content).flatMap { if case .integer(let n) = $0 { n } else { nil } }
                == 100_000
        )
    }

    @Test("a gateway that answers is used as it is, with the key that it wants")
    func answering() async throws {
        let gate = try await ScriptedUpstream.start { request in
            switch request.target {
            case "/health": Answer.json(#"{"status":"ok"}"#)
            case "/v1/messages/count_tokens": Answer.json(#"{"input_tokens":1}"#)
            default: Answer.json(#"{"max_input_tokens":32768,"max_tokens":null}"#)
            }
        }
        let scratch = try Scratch()
        try Self.install("claude", "exit 3", in: scratch)
        var torii = try Self.torii(scratch)
        torii.environment["TORII_PORT"] = String(gate.url.split(separator: ":").last ?? "")
        torii.environment["TORII_API_KEY"] = "sk-gate"
        let result = try await torii.run("launch", "claude", "--provider", "demo")
        #expect(result.status == 3, "\(result.errors)")
        #expect(result.errors.contains("the context of demo/scripted is 32768 tokens"))
        let variables = try Self.variables(scratch)
        #expect(variables["ANTHROPIC_BASE_URL"] == gate.url && variables["ANTHROPIC_AUTH_TOKEN"] == "sk-gate")
        #expect(variables["ANTHROPIC_MODEL"] == "demo/scripted")
        #expect(variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] == "32768")
        #expect(try await gate.request(0).field("authorization") == nil)
        #expect(try await gate.request(1).field("authorization") == "Bearer sk-gate")
        #expect(!FileManager.default.fileExists(atPath: "\(scratch.path)/.local/state/torii/launch/gateway.log"))
        await gate.shutdown()
    }

    @Test("--print shows what would be set, masks the key and starts nothing", arguments: LaunchTool.allCases)
    func prints(tool: LaunchTool) async throws {
        let scratch = try Scratch()
        var torii = try Self.torii(scratch)
        torii.environment["TORII_API_KEY"] = "sk-secret"
        let result = try await torii.run("launch", tool.rawValue, "--print", "--model", "it's", "--", "a b")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("# no gateway answers at http://127.0.0.1:1"))
        #expect(result.output.contains("http://127.0.0.1:PORT"))
        #expect(result.output.contains("=***") && !result.output.contains("sk-secret"))
        #expect(result.output.hasSuffix(" 'a b'\n"))
        #expect(result.output.contains("it'\\''s"))
        #expect(!FileManager.default.fileExists(atPath: "\(scratch.path)/.local"))
    }

    @Test("a signal to torii goes to the tool, which decides what it means")
    func signals() async throws {
        let scratch = try Scratch()
        try Self.install("aider", "trap 'kill $!; exit 42' TERM; sleep 60 & echo ready; wait", in: scratch)
        let output = Pipe.toProgram()
        let program = try Self.torii(scratch).start(["launch", "aider"], output: output)
        #expect(try await Binary.read(output, atMost: 5) == "ready")
        program.send(SIGTERM)
        #expect(await program.ending == .exit(42))
    }

    @Test("a tool that dies of a signal ends torii with 128 and its number")
    func killed() async throws {
        let scratch = try Scratch()
        try Self.install("aider", "kill -9 $$", in: scratch)
        let result = try await Self.torii(scratch).run("launch", "aider")
        #expect(result.status == 137, "\(result)")
    }

    @Test("what cannot be launched says why and what to do")
    func failures() async throws {
        let scratch = try Scratch()
        let torii = try Self.torii(scratch)
        let unknown = try await torii.run("launch", "codx")
        #expect(unknown.status == 2 && unknown.errors.contains("Did you mean codex?"))
        let missing = try await torii.run("launch", "codex")
        #expect(missing.status == 1)
        #expect(
            missing.errors.contains("Codex CLI is not installed")
                && missing.errors.contains("npm install -g @openai/codex")
        )
        try Self.install("codex", "exit 0", in: scratch)
        let model = try await torii.run("launch", "codex", "--model", "scriptd")
        #expect(model.status == 5, "\(model.errors)")
        #expect(model.errors.contains("The model scriptd does not exist here. Near: scripted"))
        let provider = try await torii.run("launch", "codex", "--provider", "dmo")
        #expect(provider.status == 3 && provider.errors.contains("Did you mean demo?"))
    }
}
