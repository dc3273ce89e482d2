import Gateway
import Inference
import Providers
import ScriptedUpstream
import Testing

@testable import torii

@Suite struct ProviderListerTests {
    @Test("an Ollama's models come with what it shows of each, which is asked for once")
    func shownOnce() async throws {
        let upstream = try await ScriptedUpstream.start { request in
            switch request.target {
            case "/api/version": Answer.json(#"{"version":"0.33.0"}"#)
            case "/api/tags": Answer.json(#"{"models":[{"name":"a:latest","size":7},{"name":"b","size":8}]}"#)
            case "/api/show" where request.bodyText.contains("a:latest"):
                Answer.json(
                    #"{"model_info":{"general.architecture":"x","x.context_length":9},"capabilities":["thinking"]}"#
                )
            default: Answer.json("{}", status: 404)
            }
        }
        let lister = ProviderLister(client: UpstreamClient())
        let provider = try Provider(name: "o", baseURL: BaseURL(upstream.url))
        for _ in 0..<2 {
            let answer = await lister.answer(for: provider)
            #expect(answer.dialect == .ollama)
            #expect(answer.listing == .models(["a:latest", "b"]))
            #expect(answer.catalog.map(\.capabilities) == [["thinking"], []])
            #expect(answer.catalog.map(\.contextLength) == [9, nil])
            #expect(answer.catalog.map(\.size) == [7, 8])
        }
        let shown = upstream.requests.filter { $0.target == "/api/show" }
        #expect(shown.count { $0.bodyText.contains("a:latest") } == 1)
        await upstream.shutdown()
    }

    @Test("a provider that answers nothing lists nothing, and says why")
    func silent() async throws {
        let closed = try ClosedPort()
        let provider = try Provider(name: "o", baseURL: BaseURL("http://127.0.0.1:\(closed.port)"))
        let answer = await ProviderLister(client: UpstreamClient()).answer(for: provider)
        #expect(answer.dialect == nil && answer.failure != nil && answer.listing == .unknown)
        withExtendedLifetime(closed) {}
    }
}
