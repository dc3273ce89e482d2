import Providers
import Testing

@testable import torii

@Suite struct LoadingTests {
    private static let one = "providers: [{name: a, base_url: 'http://localhost:1/v1'}]\n"

    @Test("--config goes before TORII_CONFIG, that before the user's folder, and yaml before json before toml")
    func order() throws {
        let scratch = try Scratch()
        let flag = try scratch.write("flag.yaml", Self.one)
        let variable = try scratch.write("variable.yaml", Self.one)
        let yaml = try scratch.write("xdg/torii/config.yaml", Self.one)
        let toml = try scratch.write("xdg/torii/config.toml", "")
        var environment = ["XDG_CONFIG_HOME": "\(scratch.path)/xdg", "TORII_CONFIG": variable, "HOME": scratch.path]
        #expect(try Configuration.load(path: flag, environment: environment).file == flag)
        #expect(try Configuration.load(environment: environment).file == variable)
        environment["TORII_CONFIG"] = ""
        let found = try Configuration.load(environment: environment)
        #expect(found.file == yaml)
        #expect(found.warnings.map(\.message) == ["\(toml) is not read, because \(yaml) is there"])
    }

    @Test("without XDG_CONFIG_HOME the folder is ~/.config/torii")
    func home() throws {
        let scratch = try Scratch()
        let file = try scratch.write(".config/torii/config.yml", Self.one)
        #expect(try Configuration.load(environment: ["HOME": scratch.path]).file == file)
        #expect(
            try Configuration.load(environment: ["HOME": scratch.path, "XDG_CONFIG_HOME": "relative"]).file == file
        )
    }

    @Test("a path that is given and leads nowhere is an error with the command that makes the file")
    func missing() {
        #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: "/nowhere/config.yaml", environment: [:])
        }
        let environment = ["TORII_CONFIG": "/nowhere/config.yaml"]
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(environment: environment) }
        #expect(error?.code == .notFound)
        #expect(error?.nextStep == "Make it: torii init --config /nowhere/config.yaml")
    }

    @Test("a folder, an unknown ending and a text that is not UTF-8 are refused")
    func unreadable() throws {
        let scratch = try Scratch()
        let unknown = try scratch.write("config.ini", Self.one)
        for path in [scratch.path, unknown] {
            let error = #expect(throws: ConfigurationError.self) {
                try Configuration.load(path: path, environment: [:])
            }
            #expect(error?.code == .unreadable)
        }
    }

    @Test("the environment alone makes openai, anthropic and ollama")
    func environmentAlone() async throws {
        let environment = [
            "HOME": "/nowhere", "OPENAI_API_KEY": "sk-canary", "ANTHROPIC_API_KEY": "sk-canary-2",
            "OLLAMA_BASE_URL": "http://gpu:11434/v1",
        ]
        let configuration = try Configuration.load(environment: environment)
        #expect(configuration.file == nil)
        #expect(configuration.providers.map(\.name.value) == ["openai", "anthropic", "ollama"])
        #expect(
            configuration.providers.map(\.address.value.description) == [
                "https://api.openai.com/v1", "https://api.anthropic.com/v1", "http://gpu:11434/v1",
            ]
        )
        #expect(configuration.defaultProvider?.value == "openai")
        let openai = try await configuration.provider(named: "openai").resolve(environment: environment)
        #expect(openai.apiKey?.reveal() == "sk-canary")
        let anthropic = try await configuration.provider(named: "anthropic").resolve(environment: environment)
        #expect(anthropic.authentication == .xAPIKey)
        #expect(try await configuration.provider(named: "ollama").resolve(environment: environment).apiKey == nil)
        #expect(configuration.providers[2].address.origin == .environment("OLLAMA_BASE_URL"))
    }

    @Test("with nothing at all there is Ollama at its usual address")
    func nothing() throws {
        let configuration = try Configuration.load(environment: ["HOME": "/nowhere", "OPENAI_API_KEY": ""])
        #expect(configuration.providers.map(\.address.value.description) == ["http://localhost:11434/v1"])
    }

    @Test("an address in the environment that is none is an error")
    func badAddress() {
        let environment = ["HOME": "/nowhere", "OPENAI_BASE_URL": "api.openai.com"]
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(environment: environment) }
        #expect(error?.message == "the environment variable OPENAI_BASE_URL is not an address")
    }

    @Test("with a file the environment adds no provider and fills only what the file leaves open")
    func gaps() throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "config.yaml",
            "providers: [{name: openai}, {name: mine, base_url: 'http://h/v1'}]"
        )
        let environment = ["OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": "http://in-house/v1"]
        let configuration = try Configuration.load(path: file, environment: environment)
        #expect(configuration.providers.map(\.name.value) == ["openai", "mine"])
        #expect(configuration.providers[0].address.value.description == "http://in-house/v1")
        #expect(configuration.providers[0].apiKey?.value == .environment("OPENAI_API_KEY"))
        #expect(configuration.providers[1].apiKey == nil)
    }

    @Test(
        "OpenAI's key goes neither to another address nor where the file wants no key",
        arguments: [
            "providers: [{name: openai, base_url: 'http://elsewhere/v1'}]",
            "providers: [{name: openai, api_key: ''}]",
        ]
    )
    func keyStays(text: String) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", text)
        let configuration = try Configuration.load(path: file, environment: ["OPENAI_API_KEY": "sk-canary"])
        let provider = try await configuration.providers[0].resolve(environment: ["OPENAI_API_KEY": "sk-canary"])
        #expect(provider.apiKey?.isEmpty ?? true)
    }

    @Test("flags beat the environment, it beats the file, that beats the built-in value")
    func precedence() throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one + "server: {port: 1, admin_port: 2, host: '::1'}\n")
        var flags = ConfigurationFlags()
        flags.port = 10
        let environment = ["TORII_PORT": "20", "TORII_ADMIN_PORT": "21", "TORII_MODEL": "m"]
        let configuration = try Configuration.load(path: file, environment: environment, flags: flags)
        #expect(configuration.server.port == Setting(10, .flag("--port")))
        #expect(configuration.server.adminPort == Setting(21, .environment("TORII_ADMIN_PORT")))
        #expect(configuration.server.host.origin.description == "\(file):2")
        #expect(configuration.server.adminHost == Setting("127.0.0.1", .builtIn))
        #expect(configuration.model == Setting("m", .environment("TORII_MODEL")))
    }

    @Test("an unknown provider names the nearest one, wherever it was asked for")
    func unknownProvider() throws {
        var flags = ConfigurationFlags()
        flags.provider = "olama"
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(environment: ["HOME": "/nowhere"], flags: flags)
        }
        #expect(error?.code == .unknownProvider)
        #expect(error?.nextStep == "Did you mean ollama?")
    }

    @Test(
        "F17: a reading that fails leaves the configuration in use as it was, and says where the fault is",
        arguments: [
            ("syntax", "providers: [", "2:1"), ("unknown key", "provider: []", "1:1"),
            ("half a file", "providers:\n  - name: a\n    base_u", "4:1"),
            ("bad price table", "prices: {models: [{model: gpt-4o, input: -1, output: 1}]}", "1:42"),
        ]
    )
    func reload(fault: String, text: String, place: String) throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one)
        let inUse = try Configuration.load(path: file, environment: [:])
        try scratch.write("config.yaml", text)
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(path: file, environment: [:]) }
        #expect(error?.position?.description == "\(file):\(place)")
        #expect(inUse.providers.map(\.name.value) == ["a"])
    }

    @Test("a key in a file that others can read is a warning; a reference or a private file is none")
    func permissions() throws {
        let scratch = try Scratch()
        let text = "providers: [{name: a, base_url: 'http://h/v1', api_key: sk-canary}]"
        let open = try scratch.write("open.yaml", text, mode: 0o644)
        let warnings = try Configuration.load(path: open, environment: [:]).warnings
        #expect(warnings.map(\.nextStep) == ["Run: chmod 600 \(open)"])
        let closed = try scratch.write("closed.yaml", text)
        #expect(try Configuration.load(path: closed, environment: [:]).warnings.isEmpty)
        let reference = text.replacing("sk-canary", with: "env:KEY")
        let other = try scratch.write("reference.yaml", reference, mode: 0o644)
        #expect(try Configuration.load(path: other, environment: [:]).warnings.isEmpty)
    }

    @Test("every key of the table is read by the file that has every key")
    func everyKey() throws {
        let text = try Configuration.load(path: "\(FixtureTests.folder)/everything.yaml", environment: [:])
            .text(origins: false)
        for key in ConfigurationKey.all {
            let name = key.path.split(separator: ".").last.map(String.init) ?? ""
            #expect(text.contains("\(name):"), "\(key.path) is not shown")
        }
    }
}
