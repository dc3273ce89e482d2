import Foundation
import Gateway
import Providers
import Testing

@testable import torii

@Suite struct ConfigurationSourceTests {
    private static func source(
        _ path: String?,
        home: String,
        _ environment: [String: String] = [:]
    ) -> ConfigurationSource {
        ConfigurationSource(
            path: path,
            environment: environment.merging(["HOME": home]) { given, _ in given },
            flags: ConfigurationFlags(),
            allowsAnonymousAnywhere: false
        )
    }

    private static let one = "providers: [{name: one, base_url: 'http://127.0.0.1:1/v1'}]\n"

    @Test(
        "F17: what is wrong with the file is told with its line",
        arguments: [
            ("providers: [{name: one\n", "syntax"), (one + "server: {prot: 1}\n", "unknown_key"),
            (one + "server: {port: 70000}\n", "bad_value"), ("providers:\n  - name: one\n", "missing_key"),
            (one + "default_provider: two\n", "unknown_provider"),
            (one + "models: [{name: m, price: {input: -1, output: 2}}]\n", "bad_value"),
        ]
    )
    func wrong(text: String, code: String) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one)
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        try scratch.write("config.yaml", text)
        let problem = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
        #expect(problem?.faults.first?.code == code)
        #expect(problem?.faults.first?.file == file)
        #expect(problem?.faults.first?.line != nil)
        #expect(problem?.description.contains("\(file):") == true)
    }

    @Test(
        "F17: half of a file is wrong at most of its places, and never more than the old one",
        arguments: [0.25, 0.5, 0.75]
    )
    func half(part: Double) async throws {
        let scratch = try Scratch()
        let whole = #"{"providers":[{"name":"one","base_url":"http://127.0.0.1:1/v1"}],"server":{"port":8787}}"#
        let file = try scratch.write("config.json", whole)
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        try scratch.write("config.json", String(whole.prefix(Int(Double(whole.count) * part))))
        let problem = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
        #expect(problem?.faults.first?.code == "syntax" && problem?.faults.first?.line == 1)
    }

    @Test("secrets are fetched anew, and their files are watched")
    func secrets() async throws {
        let scratch = try Scratch()
        let key = try scratch.write("key", "first")
        let file = try scratch.write(
            "config.yaml",
            "providers: [{name: one, base_url: 'http://127.0.0.1:1/v1', api_key: 'file:key'}]\n"
        )
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        #expect(running.providers.first?.apiKey == Secret("first"))
        #expect(Set(source.identities.read.keys) == [file, key])
        #expect(source.identities.now == source.identities.read)
        try scratch.write("key", "second")
        #expect(source.identities.now != source.identities.read)
        let loaded = try await source.readAgain(running)
        #expect(loaded.settings.providers.first?.apiKey == Secret("second"))
        #expect(source.identities.now == source.identities.read)
    }

    @Test("a provider whose key has gone is left out with a warning, and the default one's keeps the old configuration")
    func leftOut() async throws {
        let scratch = try Scratch()
        let keyed = "{name: keyed, base_url: 'http://127.0.0.1:1/v1', api_key: 'file:key'}"
        try scratch.write("key", "first")
        let file = try scratch.write(
            "config.yaml",
            "providers: [{name: one, base_url: 'http://127.0.0.1:1/v1'}, \(keyed)]\n"
        )
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        try FileManager.default.removeItem(atPath: scratch.path + "/key")
        let loaded = try await source.readAgain(running)
        #expect(loaded.settings.providers.map(\.name) == ["one"])
        #expect(loaded.settings.leftOut.map(\.name) == ["keyed"])
        #expect(loaded.warnings.contains { $0.contains("a provider is left out") })
        try scratch.write("config.yaml", "providers: [\(keyed)]\n")
        let problem = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
        #expect(problem?.faults.first?.code == "unresolved_secret")
    }

    @Test("B16: a key is judged by where the gateway listens, not by what the file says now")
    func weakKey() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one + "server: {host: 0.0.0.0, keys: [sixteen-characters]}\n")
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        try scratch.write("config.yaml", Self.one + "server: {keys: [short]}\n")
        let problem = await #expect(throws: ReloadProblem.self) { try await source.readAgain(running) }
        #expect(problem?.description.contains("too short off loopback") == true)
        #expect(problem?.description.contains("\"short\"") == false)
    }

    @Test("without a file its places are watched, and one that appears is read")
    func appears() async throws {
        let scratch = try Scratch()
        let source = Self.source(nil, home: scratch.path)
        let running = try await source.read().settings
        #expect(source.identities.read.isEmpty)
        let file = try scratch.write(".config/torii/config.yml", Self.one)
        #expect(Set(source.identities.now.keys) == [file])
        let loaded = try await source.readAgain(running)
        #expect(loaded.settings.providers.map(\.name) == ["one"])
    }

    @Test("a scripted provider stays where it listens")
    func scripted() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let source = Self.source(file, home: scratch.path)
        let running = try await source.read().settings
        let loaded = try await source.readAgain(running)
        #expect(loaded.settings.providers == running.providers)
    }

    @Test(
        "the bounds of overload are quantities, a share of the group's memory, or off",
        arguments: [
            ("{loop_lag: 1s, memory: 1GiB}", .seconds(1), 1 << 30), ("{loop_lag: off, memory: off}", nil, nil),
            ("{loop_lag: 'off', memory: 'off'}", nil, nil),
            ("{memory: 50%}", .milliseconds(500), ProcessMemory.limit().map { $0 / 100 * 50 }),
            ("{loop_lag: 250ms}", .milliseconds(250), ProcessMemory.limit().map { $0 / 100 * 90 }),
        ] as [(String, Duration?, Int?)]
    )
    func overload(text: String, lag: Duration?, memory: Int?) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one + "server: {overload: \(text)}\n")
        let settings = try await Self.source(file, home: scratch.path).read().settings
        #expect(settings.overload == OverloadSettings(loopLag: lag, memory: memory))
    }

    @Test(
        "a bound that is none is an error at its place",
        arguments: ["{loop_lag: soon}", "{memory: 150%}", "{memory: 0}", "{loop_lag: true}"]
    )
    func badOverload(text: String) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", Self.one + "server: {overload: \(text)}\n")
        let error = await #expect(throws: ConfigurationError.self) {
            try await Self.source(file, home: scratch.path).read()
        }
        #expect(error?.position?.line == 2)
        #expect(error?.message.contains("server.overload.") == true)
    }
}
