import Providers
import Testing

@testable import torii

@Suite struct SecretTests {
    private func resolve(_ text: String, folder: String = "/", environment: [String: String] = [:]) throws -> String {
        let reference = SecretReference(text, folder: folder, home: "/nowhere")
        return try reference.resolve(for: "the key", at: nil, environment: environment).reveal()
    }

    @Test("a secret is itself, a variable, a file or a command's output")
    func kinds() throws {
        let scratch = try Scratch()
        try scratch.write("key", "from-file\n")
        #expect(try resolve("plain") == "plain")
        #expect(try resolve("env:KEY", environment: ["KEY": "from-env"]) == "from-env")
        #expect(try resolve("file:key", folder: scratch.path) == "from-file")
        let path = ["PATH": "/usr/bin:/bin", "WORD": "from-command"]
        #expect(try resolve("cmd:echo $WORD | cat", environment: path) == "from-command")
    }

    @Test(
        "a reference that leads to nothing names itself and never what it found",
        arguments: [
            ("env:KEY", "the key is env:KEY, and the environment variable KEY is not set"),
            ("file:/nowhere/key", "the key is file:/nowhere/key, which is empty or cannot be read"),
            ("cmd:exit 3", "the key is cmd:exit 3, which failed with status 3"),
            ("cmd:kill -9 $$", "the key is cmd:kill -9 $$, which failed with status 137"),
            ("cmd:true", "the key is cmd:true, which wrote nothing"),
        ]
    )
    func unresolved(text: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try resolve(text) }
        #expect(error?.code == .unresolvedSecret)
        #expect(error?.message == message)
    }

    @Test(
        "a command that does not end is killed with all that it started, also when it closed its output",
        arguments: ["sleep 60 | sleep 60", "exec >&-; sleep 60"]
    )
    func deadline(command: String) {
        let start = ContinuousClock.now
        let failure = #expect(throws: SecretCommand.Failure.self) {
            try SecretCommand.output(of: command, environment: ["PATH": "/usr/bin:/bin"], deadline: .milliseconds(100))
        }
        #expect(failure?.reason == "did not end in time")
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("a variable that is not set is an error of the provider that uses it, and only when it is used")
    func lazy() async throws {
        let scratch = try Scratch()
        let file = try scratch.write(
            "config.yaml",
            "providers: [{name: a, base_url: 'http://h/v1'}, {name: b, base_url: 'http://h/v1', api_key: 'env:B_KEY'}]"
        )
        let configuration = try Configuration.load(path: file, environment: [:])
        #expect(try await configuration.provider(named: "a").resolve(environment: [:]).apiKey == nil)
        let error = await #expect(throws: ConfigurationError.self) {
            try await configuration.provider(named: "b").resolve(environment: [:])
        }
        #expect(
            error?.message
                == "the api_key of provider b is env:B_KEY, and the environment variable B_KEY is not set"
        )
    }

    @Test(
        "B16: an empty client key is refused everywhere, a short or everybody's one off loopback",
        arguments: [
            (" ", "127.0.0.1", true), ("abc", "127.0.0.1", false), ("abc", "0.0.0.0", true),
            ("not-required", "0.0.0.0", true), ("7d1f6c0b9a5e48d2b3c4", "0.0.0.0", false), ("abc", "localhost", false),
        ]
    )
    func weakKeys(key: String, host: String, isRefused: Bool) throws {
        var server = ServerConfiguration()
        server.host = Setting(host)
        server.keys = [Setting(.literal(Secret(key)))]
        if isRefused {
            let error = #expect(throws: ConfigurationError.self) { try server.resolvedKeys(environment: [:]) }
            #expect(error?.code == .conflict)
        } else {
            #expect(try server.resolvedKeys(environment: [:]).map { $0.reveal() } == [key])
        }
    }

    @Test("a relative path starts from the configuration's folder, ~ from the home")
    func paths() {
        #expect(FilePath.absolute("a/b", folder: "/c", home: "/h") == "/c/a/b")
        #expect(FilePath.absolute("~/b", folder: "/c", home: "/h") == "/h/b")
        #expect(FilePath.absolute("/b", folder: "/c", home: "/h") == "/b")
    }
}
