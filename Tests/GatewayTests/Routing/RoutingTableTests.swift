import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

@Suite("The routing table")
struct RoutingTableTests {
    @Test(
        "C6: the gpt-oss family goes to Ollama whatever its size, before the default",
        arguments: [
            "gpt-oss", "gpt-oss:20b", "gpt-oss:120b", "gpt-oss-safeguard", "unsloth/gpt-oss-20b", "a/b/gpt-oss:latest",
        ]
    )
    func family(_ model: String) throws {
        let decision = try RoutingDocumentTests.table().resolve(model: model, header: nil)
        #expect(decision.provider.name == "ollama")
        #expect(decision.model == model)
    }

    @Test("C6: without an Ollama the family goes where everything goes")
    func familyWithoutOllama() throws {
        let table = try RoutingTable(
            providers: [Provider(name: "house", baseURL: BaseURL("http://h:1"))],
            defaultProvider: nil
        )
        let decision = try table.resolve(model: "gpt-oss:20b", header: nil)
        #expect(decision.provider.name == "house")
    }

    @Test("a provider counts as Ollama by its dialect, its port or its own word")
    func isOllama() throws {
        for (url, dialect, found) in [
            ("http://h:11434", nil, false), ("http://h:1", .ollama, false), ("http://h:1", nil, true),
        ] as [(String, Dialect?, Bool)] {
            let providers = try [
                Provider(name: "first", baseURL: BaseURL("http://h:2")),
                Provider(name: "o", baseURL: BaseURL(url), dialect: dialect),
            ]
            let table = RoutingTable(providers: providers, defaultProvider: nil, dialects: found ? ["o": .ollama] : [:])
            let decision = try table.resolve(model: "gpt-oss:20b", header: nil)
            #expect(decision.provider.name == "o")
        }
    }

    @Test("B11: an unknown model is a 404 with the nearest names and the way to pull it")
    func unknownModel() throws {
        let table = try RoutingDocumentTests.table()
        let refusal = try #require(throws: Refusal.self) { _ = try table.resolve(model: "gpt-5.3", header: nil) }
        #expect(refusal.body.status == 404)
        #expect(refusal.body.code == "model_not_found")
        #expect(refusal.body.message.contains("Near: gpt-5.2."))
        #expect(refusal.body.message.contains("torii models pull gpt-5.3"))
        #expect(refusal.body.field == "model")
    }

    @Test("B11: without an Ollama there is no talk of pulling")
    func noPullHint() throws {
        let table = try RoutingTable(
            providers: [Provider(name: "house", baseURL: BaseURL("http://h:1"))],
            defaultProvider: nil,
            listings: ["house": .models(["a"])]
        )
        #expect { _ = try table.resolve(model: "zzzzzzzz", header: nil) } throws: { error in
            let message = (error as? Refusal)?.body.message ?? ""
            return !message.contains("pull") && message.contains("GET /v1/models")
        }
    }

    @Test(
        "B12: an unknown x-provider is a 400 that does not repeat it, and so is the gateway itself",
        arguments: ["nobody", "", "House", "internal-proxy"]
    )
    func badHeader(_ header: String) throws {
        let table = try RoutingDocumentTests.table()
        #expect { _ = try table.resolve(model: "coder", header: header) } throws: { error in
            (error as? Refusal)?.body.status == 400 && (error as? Refusal)?.body.code == "unknown_provider"
        }
    }

    @Test("T12: names are compared byte by byte")
    func bytewise() throws {
        let providers = try [
            Provider(name: "caf\u{E9}", baseURL: BaseURL("http://h:1"), model: "m"),
            Provider(name: "cafe\u{301}", baseURL: BaseURL("http://h:2"), model: "n"),
        ]
        let table = RoutingTable(providers: providers, defaultProvider: nil)
        #expect(RoutingDocumentTests.result(of: "caf\u{E9}", header: nil, in: table).1 == "m")
        #expect(RoutingDocumentTests.result(of: "cafe\u{301}", header: nil, in: table).1 == "n")
        #expect(RoutingDocumentTests.result(of: "cafe\u{301}/x", header: nil, in: table).0 == "cafe\u{301}")
    }

    @Test("a prefix is taken off as bytes, whatever stands behind it")
    func prefixAsBytes() throws {
        let table = try RoutingDocumentTests.table()
        #expect(
            RoutingDocumentTests.result(of: "house/\u{338}x", header: nil, in: table).1.utf8.elementsEqual(
                "\u{338}x".utf8
            )
        )
        #expect(
            RoutingDocumentTests.result(of: "house/\u{338}x", header: "house", in: table).1.utf8.elementsEqual(
                "\u{338}x".utf8
            )
        )
    }

    @Test("a prefix with nothing behind it means the provider's own model")
    func emptyRest() throws {
        let table = try RoutingDocumentTests.table()
        #expect(RoutingDocumentTests.result(of: "house/", header: nil, in: table) == ("house", "coder"))
        #expect(RoutingDocumentTests.result(of: "openai/", header: nil, in: table).0 == "400")
    }

    @Test("no provider at all is a 503 that says what to do")
    func noProvider() throws {
        let table = RoutingTable(providers: [], defaultProvider: nil)
        #expect(RoutingDocumentTests.result(of: "m", header: nil, in: table).0 == "503")
        #expect(table.models.isEmpty)
    }

    @Test("only the gateway itself is no provider at all")
    func onlySelf() throws {
        let provider = try Provider(name: "internal-proxy", baseURL: BaseURL("http://h:1"), model: "m")
        let table = RoutingTable(providers: [provider], defaultProvider: "internal-proxy", isSelf: { _ in true })
        #expect(RoutingDocumentTests.result(of: "m", header: nil, in: table).0 == "503")
        #expect(RoutingDocumentTests.result(of: "internal-proxy/m", header: nil, in: table).0 == "503")
    }

    @Test("every listed name leads back to its provider")
    func listedNamesResolve() throws {
        let table = try RoutingDocumentTests.table()
        #expect(!table.models.isEmpty)
        for (name, provider) in table.models {
            #expect(RoutingDocumentTests.result(of: name, header: nil, in: table).0 == provider.name, "\(name)")
        }
        #expect(table.models.map(\.name).contains("spare/coder"))
        #expect(!table.models.contains { $0.provider.name == "internal-proxy" })
    }

    @Test(
        "a provider is this gateway if its address is the listener's",
        arguments: [
            ("127.0.0.1", "http://localhost:8787/v1", true), ("127.0.0.1", "http://127.0.0.1:8787", true),
            ("0.0.0.0", "http://[::1]:8787", true),
            ("::", "http://127.0.0.1:8787", true), ("10.0.0.1", "http://10.0.0.1:8787/v1", true),
            ("127.0.0.1", "http://localhost:8788", false),
            ("127.0.0.1", "http://house:8787", false), ("10.0.0.1", "http://127.0.0.1:8787", false),
        ]
    )
    func isSelf(_ host: String, _ url: String, _ expected: Bool) throws {
        let provider = try Provider(name: "internal-proxy", baseURL: BaseURL(url))
        #expect(Gateway.isSelf(provider, GatewaySettings(providers: [], host: host), 8787) == expected)
    }
}
