import Testing

@testable import torii

@Suite("The configuration says how requests are accounted for")
struct MeteringConfigurationTests {
    private static func read(_ metering: String) throws -> Configuration {
        let text = "providers: [{name: demo, base_url: 'scripted:'}]\nserver: {metering: \(metering)}\n"
        return try Configuration.read(ConfigurationFile(path: "/f/c.yaml", format: .yaml, text: text), environment: [:])
    }

    @Test("a file of the journal that is too small for a record is refused, with the least that it may be")
    func segments() throws {
        do {
            _ = try Self.read("{segment_bytes: 4KiB}")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".contains("server.metering.segment_bytes is 4KiB, less than 64KiB"), "\(error)")
        }
        _ = try Self.read("{segment_bytes: 64KiB}")
    }
}
