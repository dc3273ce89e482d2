import Providers
import Testing

@testable import torii

@Suite struct ConfigCommandTests {
    private static let text = "providers:\n  - {name: a, base_url: 'http://h/v1', api_key: 'env:A_KEY'}\n"

    @Test("config check ends with 3 for a reference that leads to nothing, and with 0 once it leads somewhere")
    func check() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.text)
        var torii = Binary(home: scratch.path)
        let bad = try await torii.run("config", "check", file)
        #expect(bad.status == 3)
        #expect(bad.output == "")
        #expect(bad.errors.hasPrefix("torii: \(file):2:49: the api_key of provider a is env:A_KEY, and"))
        torii.environment = ["A_KEY": "sk-canary"]
        let good = try await torii.run("config", "check", "--config", file)
        #expect(good.status == 0)
        #expect(good.output == "\(file): in order; providers: a; default: a\n")
        #expect(good.errors == "")
    }

    @Test("a file in the working directory is not read")
    func workingDirectory() async throws {
        let scratch = try Scratch()
        try scratch.write("config.yaml", Self.text)
        try scratch.write("torii.yaml", Self.text)
        let torii = Binary(home: scratch.path)
        let result = try await torii.run("config", "path")
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(result.errors.contains("\(scratch.path)/.config/torii/config.yaml"))
        #expect(try await torii.run("config", "show").output.contains("name: ollama"))
    }

    @Test("config show names origins and masks keys")
    func show() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "config.yaml",
            "providers: [{name: a, base_url: 'http://h/v1', api_key: sk-canary}]\n",
            mode: 0o644
        )
        let torii = Binary(home: scratch.path, environment: ["TORII_CONFIG": file, "TORII_PORT": "9"])
        let result = try await torii.run("config", "show", "--origin")
        #expect(result.status == 0)
        #expect(result.output.contains("# environment TORII_PORT"))
        #expect(result.output.contains("# \(file):1"))
        #expect(!(result.output + result.errors).contains("canary"))
        #expect(result.errors.contains("Run: chmod 600 \(file)"))
    }

    @Test("config import prints with masked keys, and writes with mode 0600 what loads again")
    func importing() async throws {
        let scratch = try Scratch()
        let source = try scratch.write(
            "codex.toml",
            """
            model = "m"
            model_provider = "x"
            [model_providers.x]
            base_url = "http://h/v1"
            experimental_bearer_token = "sk-canary"
            """
        )
        let torii = Binary(home: scratch.path)
        let printed = try await torii.run("config", "import", "--from", source)
        #expect(printed.output.contains("model: m"))
        #expect(!printed.output.contains("canary"))
        let target = "\(scratch.path)/new/config.yaml"
        #expect(try await torii.run("config", "import", "--from", source, "--to", target).status == 0)
        #expect(try scratch.mode("new/config.yaml") == 0o600)
        let configuration = try Configuration.load(path: target, environment: [:])
        #expect(try await configuration.provider().resolve(environment: [:]).apiKey?.reveal() == "sk-canary")
        let again = try await torii.run("config", "import", "--from", source, "--to", target)
        #expect(again.status == 3)
        #expect(again.errors.contains("--force"))
    }

    @Test("init writes a configuration that loads, for its owner alone, and never overwrites unasked")
    func initialise() async throws {
        let scratch = try Scratch()
        var torii = Binary(home: scratch.path)
        // Nothing listens on port 1, so that a real Ollama on this machine changes nothing.
        torii.environment = ["OPENAI_API_KEY": "sk-canary", "OLLAMA_BASE_URL": "http://127.0.0.1:1/v1"]
        let first = try await torii.run("init")
        #expect(first.status == 0)
        let name = ".config/torii/config.yaml"
        #expect(try scratch.mode(name) == 0o600)
        #expect(try !scratch.text(name).contains("canary"))
        let check = try await torii.run("config", "check")
        #expect(check.output.hasSuffix("config.yaml: in order; providers: ollama, openai; default: openai\n"))
        #expect(try await torii.run("init").status == 3)
        #expect(try await torii.run("init", "--force").status == 0)
        let toml = try await torii.run("init", "--config", "x.toml")
        #expect(toml.status == 2)
    }

    @Test(
        "a bad command line ends with 2 and leaves standard output empty",
        arguments: [
            ["config", "bogus"], ["--no-such-flag"], ["config", "check", "a", "--config", "b"],
            ["providers", "add", "x"],
            ["providers", "add", "a/b"], ["config", "import"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let scratch = try Scratch()
        let result = try await Binary(home: scratch.path).run(arguments)
        #expect(result.status == 2)
        #expect(result.output == "")
        #expect(result.errors != "")
    }

    @Test("the version and the help go to standard output")
    func version() async throws {
        let scratch = try Scratch()
        let torii = Binary(home: scratch.path)
        #expect(try await torii.run("--version").output == "torii \(Version.current)\n")
        #expect(try await torii.run("--help").output == HelpText.root)
        let help = try await torii.run("help", "config", "check")
        #expect(help.status == 0)
        #expect(help.output.contains("OVERVIEW: Report every fault"))
    }
}
