import Dialects
import Inference
import Providers
import Testing

@testable import Gateway

@Suite("How a request gets to its provider")
struct PassageTests {
    private static func passage(
        _ route: PublicRoute,
        _ dialect: Dialect?,
        url: String = "http://h:1"
    ) throws -> Passage {
        let provider = try Provider(name: "house", baseURL: BaseURL(url))
        return try Passage(of: route, to: provider, speaking: dialect)
    }

    @Test("a conversation passes as bytes where its dialect is spoken, and is translated elsewhere")
    func conversations() throws {
        for route in [PublicRoute.chatCompletions, .responses, .messages, .ollamaChat, .ollamaGenerate] {
            for dialect in Dialect.allCases {
                let expected = route.endpoint?.dialect == dialect ? Passage.bytes : .translation(dialect)
                #expect(try Self.passage(route, dialect) == expected)
            }
        }
    }

    @Test(
        "where nobody knows what is spoken, bytes pass",
        arguments: PublicRoute.allCases.filter { $0.endpoint != nil }
    )
    func unknown(_ route: PublicRoute) throws {
        #expect(try Self.passage(route, nil) == .bytes)
    }

    @Test("OpenAI's own service is asked in Chat Completions too")
    func openAI() throws {
        let url = "https://api.openai.com/v1"
        #expect(try Self.passage(.chatCompletions, .responses, url: url) == .bytes)
        #expect(try Self.passage(.embeddings, .responses, url: url) == .bytes)
        #expect(try Self.passage(.completions, .responses, url: url) == .bytes)
        #expect(try Self.passage(.messages, .responses, url: url) == .translation(.responses))
    }

    @Test("tokens are counted by who can count them, and estimated elsewhere")
    func counts() throws {
        #expect(try Self.passage(.countTokens, .messages) == .bytes)
        #expect(try Self.passage(.inputTokens, .responses) == .bytes)
        for dialect in [Dialect.chat, .ollama] {
            #expect(try Self.passage(.countTokens, dialect) == .estimate)
            #expect(try Self.passage(.inputTokens, dialect) == .estimate)
        }
    }

    @Test("vectors come from all but Messages, completions from who has the route")
    func others() throws {
        #expect(try Self.passage(.embeddings, .ollama) == .embedding(.ollama))
        #expect(try Self.passage(.ollamaEmbed, .chat) == .embedding(.chat))
        #expect(try Self.passage(.ollamaEmbeddings, .ollama) == .bytes)
        #expect(try Self.passage(.completions, .ollama) == .bytes)
        for (route, dialect) in [
            (PublicRoute.embeddings, Dialect.messages), (.completions, .messages), (.completions, .responses),
        ] {
            let refusal = try #require(throws: Refusal.self) { _ = try Self.passage(route, dialect) }
            #expect(refusal.body.code == "dialect_unsupported")
        }
    }

    @Test("what is masked is read and written anew, but for texts to complete, which are masked where they stand")
    func masked() throws {
        func passage(_ route: PublicRoute, _ dialect: Dialect?) throws -> Passage {
            let provider = try Provider(name: "house", baseURL: BaseURL("http://h:1"))
            return try Passage(of: route, to: provider, speaking: dialect, masked: true)
        }
        #expect(try passage(.chatCompletions, .chat) == .translation(.chat))
        for dialect in [Dialect.chat, .ollama, nil] { #expect(try passage(.completions, dialect) == .bytes) }
        #expect(throws: Refusal.self) { try passage(.completions, .messages) }
    }

    @Test("every route has a path and a method, and only one")
    func routes() {
        let templates = PublicRoute.allCases.map(\.template)
        #expect(Set(templates).count == templates.count)
        for route in PublicRoute.allCases where !route.path.contains("{") {
            #expect(PublicRoute(path: route.path) == route)
        }
        #expect(PublicRoute(path: "/v1/models/{id}") == nil)
    }

    @Test(
        "a model's path gives its name, escaped or not",
        arguments: [
            ("/v1/models/a", "a"), ("/v1/models/a/b:c", "a/b:c"), ("/v1/models/a%2Fb%3Ac", "a/b:c"),
            ("/v1/models/a?x=%2F", "a"), ("/v1/models/%C3%A9", "é"), ("/v1/models/../x", "../x"),
            ("/v1/models/", nil), ("/v1/models", nil), ("/v1/models/%", nil), ("/v1/models/%0A", nil),
            ("/v1/models/%FF", nil), ("/v1/models/a b", nil), ("/v1/models/%zz", nil), ("/v1/model/a", nil),
        ] as [(String, String?)]
    )
    func modelPath(_ target: String, _ name: String?) {
        #expect(ModelPath(target)?.name == name)
    }
}
