import Dialects
import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import Gateway

/// What an installation's configuration keeps from everybody, and where it keeps its models.
@Suite("Models and regions of the whole installation")
struct InstallationRightsTests {
    /// Names that are like no other, so that no message names what is near.
    private static let (hidden, absent) = ("hidden-zzzzzzzzzzzzzz", "absent-yyyyyyyyyyyyyy")

    /// `cloud` in the region `us` is asked first, and `house` in `eu` next; each lists a model of its own, and `both`.
    private static func providers() throws -> [Provider] {
        try [("cloud", "us"), ("house", "eu")].map { name, tag in
            try Provider(name: name, baseURL: BaseURL("http://\(name):1/v1"), dialect: .chat, tags: [tag])
        }
    }

    private static func table(
        _ aliases: [ModelAlias] = [],
        dialect: Dialect = .chat,
        own: [String] = ["both"],
        with change: (inout AdmissionSettings) -> Void
    ) throws -> RoutingTable {
        var settings = AdmissionSettings()
        change(&settings)
        return RoutingTable(
            providers: try providers().map { provider in
                var provider = provider
                provider.dialect = dialect
                return provider
            },
            defaultProvider: nil,
            aliases: aliases,
            listings: ["cloud": .models(["cloud-model"] + own), "house": .models(["house-model"] + own)],
            rights: settings.rights
        )
    }

    private static func place(of model: String, _ table: RoutingTable, header: String? = nil) -> String {
        do throws(Refusal) {
            let decision = try table.resolve(model: model, header: header)
            return "\(decision.provider.name)/\(decision.model)"
        } catch {
            return error.body.code
        }
    }

    @Test(
        "B11: a model that is bound to a region is at the providers there, and at others it is not",
        arguments: ["both", "BOTH", "bo*"]
    )
    func modelRegion(_ pattern: String) throws {
        let table = try Self.table { $0.models = [.init(pattern, LimitSet(), regions: ["eu"])] }
        #expect(Self.place(of: "both", table) == "house/both")
        #expect(Self.place(of: "house/both", table) == "house/both")
        #expect(Self.place(of: "cloud/both", table) == "model_not_found")
        #expect(Self.place(of: "both", table, header: "cloud") == "model_not_found")
        #expect(Self.place(of: "cloud-model", table) == "cloud/cloud-model")
        #expect(table.models.map(\.name) == ["cloud-model", "house-model", "both"])
    }

    @Test("a model's region holds for the provider that it names, and for no other")
    func modelRegionOfProvider() throws {
        let one = try Self.table { $0.models = [.init("both", provider: "cloud", LimitSet(), regions: ["eu"])] }
        #expect(Self.place(of: "both", one) == "house/both")
        let other = try Self.table { $0.models = [.init("both", provider: "house", LimitSet(), regions: ["us"])] }
        #expect(Self.place(of: "both", other) == "cloud/both")
        #expect(Self.place(of: "house/both", other) == "model_not_found")
    }

    @Test("B11: a provider of another region than the installation's is not there, nor is what it alone has")
    func regions() throws {
        let table = try Self.table { $0.regions = ["eu", "moon"] }
        #expect(table.names == ["house"])
        #expect(Self.place(of: "both", table) == "house/both")
        for model in ["cloud-model", "cloud/both", Self.absent] {
            #expect(Self.place(of: model, table) == "model_not_found", "\(model)")
        }
        #expect(Self.place(of: "both", table, header: "cloud") == "unknown_provider")
    }

    @Test("B11: of what the installation has only what its patterns name is there, by every name")
    func patterns() throws {
        let aliases = [ModelAlias("nick", model: "cloud-model"), ModelAlias("quick", model: "both")]
        let table = try Self.table(aliases) { $0.allowedModels = ["house-*", "house/both"] }
        #expect(Self.place(of: "both", table) == "house/both" && Self.place(of: "quick", table) == "house/both")
        for model in ["cloud-model", "cloud/both", "cloud/anything", "nick", "cloud"] {
            #expect(["model_not_found", "model_required"].contains(Self.place(of: model, table)), "\(model)")
        }
        #expect(table.models.map(\.name) == ["house-model", "both", "quick"])
    }

    @Test("an Ollama's model is there by both of its names where one of them is")
    func ollama() throws {
        for allowed in ["qwen", "qwen:latest"] {
            let table = try Self.table(dialect: .ollama, own: ["qwen:latest", "other:latest"]) {
                $0.allowedModels = [allowed]
            }
            #expect(Self.place(of: "qwen", table) == "cloud/qwen")
            #expect(Self.place(of: "qwen:latest", table) == "cloud/qwen:latest")
            #expect(Self.place(of: "other", table) == "model_not_found")
        }
    }

    @Test("B11: a rule's targets, fallbacks and copy are there only where the installation has them")
    func rules() throws {
        let rule = RouteRule(
            "r",
            targets: [.init("cloud", model: "a"), .init("house", model: "b")],
            strategy: .ordered,
            fallbacks: [.init("cloud", model: "both"), .init("house", model: "both")],
            canary: .init("cloud", model: "c", percent: 100),
            shadow: .init("cloud", model: "both", percent: 100)
        )
        func plan(_ change: (inout AdmissionSettings) -> Void) throws -> ([String], String?) {
            let providers = try Self.providers()
            let planner = RoutePlanner(
                table: try Self.table(with: change),
                rules: RouteRules([rule], providers: providers)
            )
            let plan = try planner.plan(RouteQuery(model: "x"))
            return (plan.targets.map { "\($0.provider.name)/\($0.model)" }, plan.shadow?.provider.name)
        }
        let regional = try plan { $0.regions = ["eu"] }
        #expect(regional.0 == ["house/b", "house/both"] && regional.1 == nil)
        let bound = try plan { $0.models = [.init("both", LimitSet(), regions: ["eu"])] }
        #expect(bound.0 == ["cloud/c", "cloud/a", "house/b", "house/both"] && bound.1 == nil)
        #expect(throws: Refusal.self) { try plan { $0.allowedModels = ["nothing"] } }
    }

    @Test(
        "B11: what the installation does not have looks like nothing, to callers without a key too",
        arguments: ["anonymous", "operator", "tenant"]
    )
    func overWire(_ caller: String) async throws {
        let (house, cloud) = (
            try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)]),
            try await ScriptedUpstream.start(answers: [Sample.chat.answer(stream: false)])
        )
        let scratch = try Scratch()
        let office = try Office(in: scratch.path)
        var key: [(String, String)] = []
        if caller != "anonymous" {
            try office.make(.tenants, #"{"name":"t"}"#)
            let member = caller == "operator" ? #""role":"operator""# : #""tenant":"t""#
            key = LimitWorld.bearer(try office.key(#"{"label":"k",\#(member)}"#))
        }
        var providers = try [Provider.scripted(cloud, name: "cloud"), Provider.scripted(house, name: "house")]
        (providers[0].tags, providers[1].tags) = (["us"], ["eu"])
        let lister: ModelDirectory.Lister = { provider in
            let own = provider.name == "house" ? "house-model" : Self.hidden
            return ModelDirectory.Answer(listing: .models([own, "both"]), dialect: .chat)
        }
        try await withGateway(
            providers,
            lister: lister,
            {
                $0.state.place = .file(scratch.path + "/torii.sqlite")
                $0.admission.allowedModels = ["both", "house-model"]
                $0.admission.models = [.init("both", LimitSet(), regions: ["eu"])]
            }
        ) { gateway in
            let list = RawRequest.get("/v1/models", fields: key)
            let names = try await eventually("the listings") {
                let text = try await gateway.send(list).bodyText
                return text.contains("house-model") && text.contains("both") ? text : nil
            }
            #expect(!names.contains(Self.hidden))
            var bodies: Set<String> = []
            for model in [Self.hidden, Self.absent, "cloud/both", "cloud/\(Self.hidden)"] {
                let answer = try await gateway.send(Sample.chat.request(model: model, stream: false, fields: key))
                #expect(answer.status == 404, "\(model)")
                bodies.insert(
                    answer.bodyText.replacing(answer.field("x-request-id") ?? "?", with: "ID")
                        .replacing(model, with: "MODEL")
                )
            }
            #expect(bodies.count == 1, "\(bodies)")
            #expect(try await gateway.send(RawRequest.get("/api/ps", fields: key)).status == 403)
            #expect(try await gateway.send(Sample.chat.request(model: "both", fields: key)).status == 200)
            #expect(house.requests.count == 1 && cloud.requests.isEmpty)
        }
        for upstream in [house, cloud] { await upstream.shutdown() }
    }
}
