import Inference
import JSON
import Testing

@testable import Dialects

@Suite("Telling Ollama clients of models")
struct OllamaListingTests {
    private static let model = Ollama.Model(
        name: "gpt-oss:20b",
        family: "house",
        modifiedAt: Ollama.timestamp(1_785_542_400),
        contextLength: 131_072
    )
    private static let digest = String(repeating: "0", count: 64)
    private static let details =
        #""details":{"parent_model":"","format":"","family":"house","families":["house"],"parameter_size":"","quantization_level":"","context_length":131072}"#
    private static let head = #"{"name":"gpt-oss:20b","model":"gpt-oss:20b","size":0,"digest":"\#(digest)","#

    @Test("the lists have these very bytes")
    func lists() {
        let tags =
            #"{"models":[\#(Self.head)"modified_at":"2026-08-01T00:00:00Z",\#(Self.details),"capabilities":["completion","tools"]}]}"#
        #expect(String(decoding: Ollama.tags([Self.model]), as: UTF8.self) == tags)
        let running =
            #"{"models":[\#(Self.head)\#(Self.details),"expires_at":"2026-08-01T00:05:00Z","size_vram":0,"context_length":131072}]}"#
        #expect(String(decoding: Ollama.running([Self.model], until: 1_785_542_700), as: UTF8.self) == running)
        #expect(String(decoding: Ollama.tags([]), as: UTF8.self) == #"{"models":[]}"#)
        #expect(String(decoding: Ollama.versionBody("1.2.3"), as: UTF8.self) == #"{"version":"1.2.3"}"#)
    }

    @Test("a model's own page has what its clients look for")
    func show() throws {
        let root = try JSONDocument(Ollama.show(Self.model)).root
        let architecture = try #require(root["model_info"]?["general.architecture"]?.string)
        #expect(root["model_info"]?["\(architecture).context_length"]?.int == 131_072)
        #expect(root["capabilities"]?.elements.compactMap(\.string) == ["completion", "tools"])
        #expect(root["modified_at"]?.string == "2026-08-01T00:00:00Z")
        #expect(root["details"]?["family"]?.string == "house")
    }

    @Test("a model is named by either member, and refused in Ollama's words")
    func naming() throws {
        #expect(try Ollama.modelName(in: Array(#"{"model":"m","verbose":true}"#.utf8)) == "m")
        #expect(try Ollama.modelName(in: Array(#"{"model":"","name":"n"}"#.utf8)) == "n")
        for body in ["{}", "[]", "", #"{"model":7}"#] {
            #expect(throws: InferenceError.self) { try Ollama.modelName(in: Array(body.utf8)) }
        }
        let body = ErrorBody(Ollama.modelNotFound("x"))
        #expect(body.status == 404)
        #expect(
            String(decoding: body.bytes(for: .ollama, requestID: ""), as: UTF8.self)
                == #"{"error":"model 'x' not found"}"#
        )
    }
}
