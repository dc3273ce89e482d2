import Gateway
import Testing

@testable import torii

@Suite("Masking and captures in the configuration")
struct MaskingConfigurationTests {
    private static func read(_ text: String) throws -> ServerConfiguration {
        let text = "providers: [{name: a, base_url: \"scripted:\"}]\nserver:\n" + text
        let file = ConfigurationFile(path: "/f/config.yaml", format: .yaml, text: text)
        return try Configuration.read(file, environment: [:]).server
    }

    @Test("every key comes to the gateway")
    func everything() throws {
        let server = try Configuration.load(path: "\(FixtureTests.folder)/everything.yaml", environment: [:]).server
        #expect(server.masking.kinds?.value == [.email, .card])
        #expect(server.masking.patterns.map(\.pattern.name) == ["badge"])
        #expect(server.capture.settings == CaptureSettings(days: 7, maximumBytes: 2 << 30, maximumText: 64 << 10))
    }

    @Test("without a word all kinds are masked, and what is kept is kept for 30 days")
    func usual() throws {
        let server = try Self.read("  port: 1")
        #expect(!server.masking.rules.isEmpty && server.masking.kinds == nil)
        #expect(server.capture.settings == CaptureSettings())
        #expect(try Self.read("  masking: {kinds: []}").masking.rules.isEmpty)
    }

    @Test(
        "what cannot be is refused by name",
        arguments: [
            ("masking: {kinds: [email, face]}", "server.masking.kinds"),
            ("masking: {patterns: [{name: a}]}", "server.masking.patterns[0] has no pattern"),
            ("masking: {patterns: [{pattern: abc}]}", "server.masking.patterns[0] has no name"),
            ("masking: {patterns: [{name: a, pattern: 'x.*'}]}", "server.masking.patterns[0] holds ."),
            ("masking: {patterns: [{name: a, pattern: abc}, {name: a, pattern: def}]}", "two patterns are named a"),
            ("capture: {days: 0}", "server.capture.days"), ("capture: {max_bytes: many}", "server.capture.max_bytes"),
        ]
    )
    func faults(_ text: String, _ words: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.read("  " + text) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(words))
    }
}
