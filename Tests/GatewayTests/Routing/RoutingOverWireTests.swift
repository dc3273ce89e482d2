import Inference
import JSON
import Providers
import ScriptedUpstream
import Synchronization
import Testing

@testable import Gateway

@Suite("Routing over the wire")
struct RoutingOverWireTests {
    /// Answers with its own name as the response's id.
    private func upstream(_ name: String) async throws -> ScriptedUpstream {
        try await ScriptedUpstream.start(answers: [Answer.json(#"{"id":"\#(name)"}"#)])
    }

    @Test("the header, the prefix, the model and the default each lead to their provider")
    func rules() async throws {
        let one = try await upstream("one")
        let two = try await upstream("two")
        let providers = [
            try Provider.scripted(one, name: "one", model: "a"), try .scripted(two, name: "two", model: "b"),
        ]
        try await withGateway(providers) { gateway in
            for (model, header, target, sent) in [
                ("anything", nil, "one", "anything"), ("b", nil, "two", "b"), ("two/x/y", nil, "two", "x/y"),
                ("a", "two", "two", "a"),
                ("two", nil, "two", "b"), ("one/b", nil, "one", "b"), ("three/b", nil, "one", "three/b"),
            ] as [(String, String?, String, String)] {
                let fields = header.map { [("X-Provider", $0)] } ?? []
                let answer = try await gateway.send(Sample.chat.request(model: model, fields: fields))
                #expect(answer.bodyText == #"{"id":"\#(target)"}"#, "\(model)")
                let last = (target == "one" ? one : two).requests.last
                #expect(last?.bodyText == Sample.chat.body(model: sent))
                #expect(last?.field("x-provider") == nil)
            }
        }
        await one.shutdown()
        await two.shutdown()
    }

    @Test("B12: an unknown x-provider is a 400 in the caller's dialect", arguments: Sample.allCases)
    func unknownProvider(_ sample: Sample) async throws {
        try await withGateway(answers: [[.stall]]) { gateway, upstream in
            let answer = try await gateway.send(sample.request(fields: [("X-Provider", "nobody")]))
            #expect(answer.status == 400)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            let twice = try await gateway.send(
                sample.request(fields: [("X-Provider", "house"), ("X-Provider", "house")])
            )
            #expect(twice.status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test("B11: an unknown model is a 404 in the caller's dialect with the nearest names", arguments: Sample.allCases)
    func unknownModel(_ sample: Sample) async throws {
        let upstream = try await upstream("one")
        let lister: ModelDirectory.Lister = { _ in .init(listing: .models(["coder", "coder-mini"]), dialect: .ollama) }
        try await withGateway([try .scripted(upstream)], lister: lister) { gateway in
            let answer = try await gateway.send(sample.request(model: "codex"))
            #expect(answer.status == 404)
            #expect(answer.bodyText.hasPrefix(sample.errorMark))
            #expect(answer.bodyText.contains("Near: coder"))
            #expect(answer.bodyText.contains("torii models pull codex"))
            #expect(upstream.requests.isEmpty)
        }
        await upstream.shutdown()
    }

    @Test("a model that nobody lists yet waits until all have been asked again")
    func waitsForListing() async throws {
        let one = try await upstream("one")
        let two = try await upstream("two")
        let gate = Watched(false)
        let lister: ModelDirectory.Lister = { provider in
            if provider.name == "one" { return .init(listing: .models(["x"])) }
            _ = try? await gate.wait(for: "the gate") { $0 }
            return .init(listing: .models(["late"]))
        }
        let providers = [try Provider.scripted(one, name: "one"), try .scripted(two, name: "two")]
        try await withGateway(providers, lister: lister) { gateway in
            _ = try await eventually("the first listing") {
                try await gateway.send(RawRequest.get("/v1/models")).bodyText.contains(#""id":"x""#) ? true : nil
            }
            let client = try await gateway.connect()
            try await client.send(Sample.chat.request(model: "late"))
            _ = try await eventually("the exchange") {
                try await gateway.status("exchanges_in_flight") == 1 ? true : nil
            }
            gate.change { $0 = true }
            let answer = try await client.answer()
            #expect(answer.bodyText == #"{"id":"two"}"#)
            #expect(one.requests.isEmpty)
            // What has just been asked is not asked again: an unknown name is refused at once.
            let unknown = try await gateway.send(Sample.chat.request(model: "never"))
            #expect(unknown.status == 404)
        }
        await one.shutdown()
        await two.shutdown()
    }

    @Test("models of all providers stand in one list that both SDKs read")
    func modelList() async throws {
        let one = try await upstream("one")
        let two = try await upstream("two")
        let lister: ModelDirectory.Lister = { .init(listing: .models($0.name == "one" ? ["a", "b"] : ["b", "c"])) }
        let providers = [try Provider.scripted(one, name: "one"), try .scripted(two, name: "two", model: "own")]
        try await withGateway(providers, lister: lister) { gateway in
            let answer: RawAnswer = try await eventually("the list") {
                let answer = try await gateway.send(RawRequest.get("/v1/models"))
                return answer.bodyText.contains(#""id":"c""#) ? answer : nil
            }
            #expect(answer.status == 200)
            let list = try JSONDocument(answer.body).root
            let models = try #require(list["data"]).elements.map { $0 }
            #expect(models.map { $0["id"]?.string } == ["a", "b", "own", "two/b", "c"])
            #expect(list["object"]?.string == "list")
            #expect(list["has_more"]?.bool == false)
            #expect(list["first_id"]?.string == "a")
            #expect(list["last_id"]?.string == "c")
            for model in models {
                #expect(model["object"]?.string == "model" && model["type"]?.string == "model")
                #expect(model["created"]?.int == 0 && model["created_at"]?.string == "1970-01-01T00:00:00Z")
                #expect(model["owned_by"]?.string != nil && model["display_name"]?.string == model["id"]?.string)
            }
        }
        await one.shutdown()
        await two.shutdown()
    }

    @Test("an empty list is a list")
    func emptyList() async throws {
        try await withGateway([]) { gateway in
            let answer = try await gateway.send(RawRequest.get("/v1/models"))
            #expect(answer.bodyText == #"{"object":"list","data":[],"models":[],"has_more":false}"#)
            let request = try await gateway.send(Sample.chat.request())
            #expect(request.status == 503)
        }
    }
}
