import JSON
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

@Suite("Readiness")
struct ReadinessTests {
    /// A provider's status as its directory would give it.
    private static func status(
        _ name: String,
        _ answer: ModelDirectory.Answer?,
        breaker: String? = nil,
        tags: [String] = [],
        regions: [String] = []
    ) throws -> ProviderStatus {
        let provider = try Provider(name: name, baseURL: BaseURL("http://127.0.0.1:1"), tags: tags)
        var admission = AdmissionSettings()
        admission.regions = regions
        let directory = ModelDirectory(providers: [provider], defaultProvider: nil, rights: admission.rights) { _ in
            ModelDirectory.Answer(listing: .unknown)
        }
        directory.exclude { $0.name == "self" }
        var status = ProviderStatus(provider, in: directory, answer)
        status.breaker = breaker
        return status
    }

    private static let good = ModelDirectory.Answer(listing: .models(["m"]))
    private static let down = ModelDirectory.Answer(listing: .unknown, failure: "it is down")
    private static let silent = ModelDirectory.Answer(listing: .unknown, failure: "404", isReachable: true)

    @Test("a gateway is ready as long as one provider can serve")
    func ready() throws {
        let cases: [([ProviderStatus], Bool, String?)] = [
            ([], false, "no provider is configured"),
            ([try Self.status("a", Self.good)], true, nil),
            ([try Self.status("a", Self.down), try Self.status("b", Self.good)], true, nil),
            ([try Self.status("a", Self.silent)], true, nil),
            ([try Self.status("a", Self.down)], false, "no provider can serve"),
            ([try Self.status("a", nil)], false, "no provider has answered yet"),
            ([try Self.status("a", Self.down), try Self.status("b", nil)], false, "no provider has answered yet"),
            ([try Self.status("self", nil)], false, "no provider can serve"),
            ([try Self.status("a", Self.good, breaker: "open")], false, "no provider can serve"),
            ([try Self.status("a", Self.good, breaker: "half_open")], true, nil),
            ([ProviderStatus(LeftOutProvider(name: "a", reason: "no key"))], false, "no provider can serve"),
            ([try Self.status("a", Self.good, tags: ["us"], regions: ["eu"])], false, "no provider can serve"),
            ([try Self.status("a", nil, regions: ["eu"])], false, "no provider can serve"),
            ([try Self.status("a", Self.good, tags: ["us", "eu"], regions: ["eu"])], true, nil),
            (
                [try Self.status("a", Self.good, regions: ["eu"]), try Self.status("b", Self.good, tags: ["eu"])],
                true, nil
            ),
        ]
        for (providers, isReady, reason) in cases {
            let readiness = Readiness(providers, isDraining: false)
            #expect(readiness.isReady == isReady, "\(providers)")
            #expect(readiness.reason == reason, "\(providers)")
            let draining = Readiness(providers, isDraining: true)
            #expect(!draining.isReady && draining.status == "draining")
        }
    }

    @Test("each provider has its state and reason, and no secret")
    func body() async throws {
        let lister: ModelDirectory.Lister = { provider in
            provider.name == "good" ? Self.good : Self.down
        }
        let url = try BaseURL("http://127.0.0.1:1")
        let providers = ["good", "bad"].map { Provider(name: $0, baseURL: url, apiKey: Secret("provider-key")) }
        let leftOut = LeftOutProvider(name: "keyless", reason: "env:KEY is not set")
        try await withGateway(providers, lister: lister, { $0.leftOut = [leftOut] }) { gateway in
            let answer = try await eventually("all answers") {
                let answer = try await gateway.administration("/health/ready")
                return answer.bodyText.contains("unknown") ? nil : answer
            }
            #expect(answer.status == 200)
            let rows = try JSONDocument(answer.body).root["providers"]?.elements.map { row in
                [row["name"]?.string, row["state"]?.string, row["reason"]?.string]
            }
            #expect(
                rows == [
                    ["good", "reachable", nil], ["bad", "unreachable", "it is down"],
                    ["keyless", "left_out", "env:KEY is not set"],
                ]
            )
            #expect(!answer.bodyText.contains("provider-key"))
        }
    }

    @Test("a gateway whose only provider is down is not ready, and the public health says no less for it")
    func notReady() async throws {
        let url = try BaseURL("http://127.0.0.1:1")
        try await withGateway([Provider(name: "bad", baseURL: url)], lister: { _ in Self.down }) { gateway in
            let answer = try await eventually("the answer") {
                let answer = try await gateway.administration("/health/ready")
                return answer.bodyText.contains("it is down") ? answer : nil
            }
            #expect(answer.status == 503)
            let status = try JSONDocument(await gateway.administration("/status").body).root
            #expect(status["ready"]?.bool == false)
            #expect(try await gateway.send(RawRequest.get("/health")).status == 200)
            #expect(try await gateway.administration("/health").status == 200)
        }
    }

    @Test("B11: a provider outside of the installation's regions makes no gateway ready, however well it is")
    func regions() async throws {
        let lister: ModelDirectory.Lister = { provider in provider.name == "house" ? Self.down : Self.good }
        let url = try BaseURL("http://127.0.0.1:1")
        let providers = [("house", "eu"), ("cloud", "us")].map { Provider(name: $0, baseURL: url, tags: [$1]) }
        try await withGateway(providers, lister: lister, { $0.admission.regions = ["eu"] }) { gateway in
            let answer = try await eventually("the answer") {
                let answer = try await gateway.administration("/health/ready")
                return answer.bodyText.contains("it is down") ? answer : nil
            }
            #expect(answer.status == 503)
            let root = try JSONDocument(answer.body).root
            #expect(root["reason"]?.string == "no provider can serve")
            #expect(root["providers"]?.elements.map { $0["state"]?.string } == ["unreachable", "other_region"])
            #expect(try await gateway.status()["ready"]?.bool == false)
        }
    }

    @Test("F9: an open breaker keeps a gateway from being ready only while nobody else can serve")
    func breakers() async throws {
        for others in [false, true] {
            try await withGateway(answers: [Answer.refusal(.chat, 503)]) { settings in
                settings.providers[0].limits.breaker.cooldown = .seconds(60)
                guard others else { return }
                var other = settings.providers[0]
                other.name = "other"
                settings.providers.append(other)
            } body: { gateway, _ in
                func isReady() async throws -> Bool {
                    try await gateway.administration("/health/ready").status == 200
                }
                _ = try await eventually("the providers' answers") { try await isReady() ? true : nil }
                for _ in 0..<5 { _ = try await gateway.send(Sample.chat.request()) }
                #expect(try await gateway.status()["providers"]?[0]?["breaker"]?.string == "open")
                #expect(try await isReady() == others)
                #expect(try await gateway.status()["ready"]?.bool == others)
            }
        }
    }

    @Test("docs/reload.md lists every state and every member of the status")
    func document() async throws {
        #expect(try ReloadDocument.rows("states") == ProviderStatus.State.allCases.map(\.rawValue))
        let down = ReloadProblem([.init("x", "wrong")])
        let reloader = Reloader(load: { (_) async throws(ReloadProblem) in throw down })
        try await withGateway([], reloader: reloader) { gateway in
            _ = try await gateway.reload()
            let status = try JSONDocument(await gateway.administration("/status").body).root
            let listed = try ReloadDocument.rows("status")
            #expect(Set(status.members.map(\.key)) == Set(listed) && !listed.isEmpty)
        }
    }
}
