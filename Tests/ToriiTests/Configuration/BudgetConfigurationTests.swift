import Gateway
import Testing

@testable import torii

@Suite("The configuration says how budgets are kept")
struct BudgetConfigurationTests {
    private static func read(_ budgets: String) throws -> Configuration {
        let text = "providers: [{name: demo, base_url: 'scripted:'}]\n\(budgets)\n"
        return try Configuration.read(ConfigurationFile(path: "/f/c.yaml", format: .yaml, text: text), environment: [:])
    }

    @Test("what is not said is as it is built in, and nobody is told")
    func usual() throws {
        for text in ["", "budgets: {}"] {
            #expect(try Self.read(text).budgets.settings(environment: [:]) == BudgetSettings())
        }
        let alerts = "budgets: {alerts: {url: 'https://h.example/a', secret: 'env:S'}}"
        let settings = try Self.read(alerts).budgets.settings(environment: ["S": "0123456789abcdef"])
        #expect(settings.alerts?.thresholds == [50, 80, 100] && settings.alerts?.address.target == "/a")
    }

    @Test(
        "what is wrong is said with its key",
        arguments: [
            ("{clamp: 5}", "budgets.clamp"), ("{usual_output_tokens: 0}", "budgets.usual_output_tokens"),
            ("{alerts: {secret: 'env:S'}}", "budgets.alerts has no url"),
            ("{alerts: {url: 'https://h/'}}", "budgets.alerts has no secret"),
            ("{alerts: {url: 'http://h.example/', secret: 'env:S'}}", "budgets.alerts.url is http to another machine"),
            ("{alerts: {url: 'https://h/', secret: 'env:S', thresholds: []}}", "budgets.alerts.thresholds is empty"),
            ("{alerts: {url: 'https://h/', secret: 'env:S', thresholds: [0]}}", "budgets.alerts.thresholds[0]"),
            ("{alerts: {url: 'https://h/', secret: 'env:S', thresholds: [50, 101]}}", "budgets.alerts.thresholds[1]"),
            ("{daily: 5}", "budgets.daily is not a key"),
        ]
    )
    func faults(_ budgets: String, _ words: String) {
        do {
            _ = try Self.read("budgets: \(budgets)")
            Issue.record("\(budgets) was read")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    @Test("a secret that is missing or short keeps the gateway from starting, and is never told")
    func secret() throws {
        let alerts = "budgets: {alerts: {url: 'https://h.example/a', secret: 'env:S'}}"
        for environment in [[:], ["S": "sk-canary"]] {
            let budgets = try Self.read(alerts).budgets
            let error = #expect(throws: ConfigurationError.self) { try budgets.settings(environment: environment) }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("budgets.alerts.secret") && !text.contains("sk-canary"))
        }
    }
}
