import Gateway
import Providers
import Testing

@testable import torii

@Suite("The configuration says what is counted, and who reads it")
struct MetricsConfigurationTests {
    private static func read(_ metrics: String) throws -> Configuration {
        let text = "providers: [{name: demo, base_url: 'scripted:'}]\nserver: {metrics: \(metrics)}\n"
        return try Configuration.read(ConfigurationFile(path: "/f/c.yaml", format: .yaml, text: text), environment: [:])
    }

    private static func settings(_ metrics: String) throws -> MetricsSettings {
        let environment = ["SCRAPE": "scrape-token-0123456789", "SHORT": "short"]
        return try read(metrics).server.metrics.settings(environment: environment)
    }

    @Test("what nothing is said of is as usual, and a token is fetched from where it is")
    func read() throws {
        #expect(try Self.settings("{}") == MetricsSettings())
        let settings = try Self.settings("{enabled: false, token: env:SCRAPE, max_series: 500}")
        #expect(!settings.isOn && settings.maximumSeries == 500)
        #expect(settings.token?.reveal() == "scrape-token-0123456789")
    }

    @Test(
        "a token that is missing or too short, and a bound that is none, are refused",
        arguments: ["{token: env:NONE}", "{token: env:SHORT}", "{max_series: 2}", "{max_series: 2000000}"]
    )
    func refused(_ metrics: String) {
        do {
            _ = try Self.settings(metrics)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("server.metrics."), "\(error)")
        }
    }
}
