import Inference
import ScriptedUpstream
import Testing

@testable import Providers

@Suite struct ModelCatalogTests {
    @Test("/v1/models lists names, owners and windows as the servers give them")
    func list() async throws {
        let body = #"""
            {"object":"list","data":[{"id":"a","object":"model","created":5,"owned_by":"vllm","max_model_len":4096},
            {"id":"b","meta":{"n_ctx_train":8192,"size":77}},{"object":"nameless"}]}
            """#
        try await withClient(answers: [Answer.json(body)]) { (upstream, client) async throws in
            let models = try await ModelCatalog(provider: try .at(upstream), client: client).models(of: .chat)
            #expect(models.map(\.name) == ["a", "b"])
            #expect(models.map(\.contextLength) == [4096, 8192])
            #expect(models.first?.owner == "vllm" && models.first?.changed == "5" && models.last?.size == 77)
            #expect(try await upstream.request().target == "/v1/models")
        }
    }

    @Test("Ollama's lists tell size, family and what is in memory")
    func ollama() async throws {
        let entry =
            #""name":"gpt-oss:20b","size":13,"details":{"family":"gptoss","parameter_size":"20.9B","quantization_level":"MXFP4"}"#
        let answers = [
            "/api/tags": Answer.json("{\"models\":[{\(entry),\"modified_at\":\"2026-01-01T00:00:00Z\"}]}"),
            "/api/ps": Answer.json(
                "{\"models\":[{\(entry),\"size_vram\":12,\"context_length\":4096,\"expires_at\":\"x\"}]}"
            ),
            "/api/version": Answer.json(#"{"version":"0.12.0"}"#),
        ]
        try await withClient(answering: { answers[$0.target] ?? [.close] }) { (upstream, client) async throws in
            let catalog = ModelCatalog(provider: try .at(upstream, dialect: .ollama), client: client)
            let model = try #require(try await catalog.models(of: .ollama).first)
            #expect(model.name == "gpt-oss:20b" && model.size == 13 && model.family == "gptoss")
            #expect(model.parameters == "20.9B" && model.quantisation == "MXFP4" && model.loaded == nil)
            let loaded = try #require(try await catalog.loadedModels().first?.loaded)
            #expect(loaded == CatalogModel.Loaded(contextLength: 4096, size: 13, sizeOnGPU: 12, expires: "x"))
            #expect(try await catalog.ollamaVersion() == "0.12.0")
        }
    }

    @Test("Ollama's account of one model has its window and what it can do")
    func show() async throws {
        let body = #"""
            {"details":{"family":"gptoss"},"model_info":{"general.architecture":"gptoss","gptoss.context_length":131072},
            "capabilities":["completion","tools","thinking"]}
            """#
        try await withClient(answers: [Answer.json(body)]) { (upstream, client) async throws in
            let catalog = ModelCatalog(provider: try .at(upstream, dialect: .ollama), client: client)
            let model = try await catalog.model(named: "gpt-oss")
            #expect(model.contextLength == 131_072)
            #expect(model.capabilities == ["completion", "tools", "thinking"])
            #expect(try await upstream.request().bodyText == #"{"model":"gpt-oss"}"#)
        }
    }

    @Test("a model that Ollama does not have is not found, and a server without a list says so")
    func missing() async throws {
        try await withClient(answers: [Answer.json(#"{"error":"model 'x' not found"}"#, status: 404)]) {
            (upstream, client) async throws in
            let catalog = ModelCatalog(provider: try .at(upstream, dialect: .ollama), client: client)
            let error = await #expect(throws: InferenceError.self) { try await catalog.model(named: "x") }
            #expect(error?.code == .modelNotFound)
            #expect(try await catalog.ollamaVersion() == nil)
        }
        try await withClient(answers: [Answer.json("{}")]) { (upstream, client) async throws in
            let catalog = ModelCatalog(provider: try .at(upstream), client: client)
            let error = await #expect(throws: InferenceError.self) { try await catalog.models(of: .chat) }
            #expect(error?.code == .malformed)
        }
    }

    private func pull(_ steps: [Step]) async throws -> ([PullProgress], InferenceError?) {
        var result: ([PullProgress], InferenceError?) = ([], nil)
        try await withClient(answers: [steps]) { (upstream, client) async throws in
            let catalog = ModelCatalog(provider: try .at(upstream, dialect: .ollama), client: client)
            do throws(InferenceError) {
                for try await progress in try await catalog.pull("m") { result.0.append(progress) }
            } catch {
                result.1 = error
            }
        }
        return result
    }

    @Test("a pull tells how far it is until it is done")
    func pulling() async throws {
        let lines = [
            "{\"status\":\"pulling manifest\"}\n{\"status\":\"pulling 6a07\",\"digest\":\"sha256:6a07\",\"total\":9,\"comp",
            "leted\":4}\n", "{\"status\":\"success\"}\n",
        ]
        let (progress, error) = try await pull(Answer.stream(lines, contentType: "application/x-ndjson"))
        #expect(error == nil)
        #expect(
            progress == [
                PullProgress(status: "pulling manifest"),
                PullProgress(status: "pulling 6a07", digest: "sha256:6a07", total: 9, completed: 4),
                PullProgress(status: "success"),
            ]
        )
    }

    @Test("F2 a pull that ends without success, or in an error, has failed after what it had told")
    func brokenPulls() async throws {
        let start = "{\"status\":\"pulling manifest\"}\n"
        let ended = try await pull(Answer.stream([start], contentType: "application/x-ndjson"))
        #expect(ended.0.count == 1 && ended.1?.code == .interrupted)
        let cut = try await pull([Answer.chunkedHead(), Answer.chunk(start), .close])
        #expect(cut.0.count == 1 && cut.1?.code == .interrupted)
        let words = "{\"error\":\"pull model manifest: file does not exist\"}\n"
        let failed = try await pull(Answer.stream([start, words], contentType: "application/x-ndjson"))
        #expect(failed.0.count == 1 && failed.1?.message == "pull model manifest: file does not exist")
    }
}
