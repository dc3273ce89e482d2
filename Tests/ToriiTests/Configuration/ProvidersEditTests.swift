import Providers
import Testing

@testable import torii

@Suite struct ProvidersEditTests {
    private static let text = """
        # mine
        providers:
          # the first
          - name: a
            base_url: http://a/v1 # here
            headers:
              x: y

          # the second
          - NAME: b
            BASE_URL: http://b/v1

        # which one
        default_provider: a  # a for now
        server: {port: 1}

        """

    private func provider(_ name: String) throws -> ProviderConfiguration {
        var provider = ProviderConfiguration(
            name: Setting(name),
            address: Setting(.url(try BaseURL("http://\(name)/v1")))
        )
        provider.apiKey = Setting(.environment("KEY"))
        return provider
    }

    @Test("a provider is added behind the last one, and every other line stays")
    func add() throws {
        let edited = try ProvidersEdit(Self.text, path: "f").adding(provider("c"))
        let expected = Self.text.replacing(
            "    BASE_URL: http://b/v1\n",
            with: "    BASE_URL: http://b/v1\n  - name: c\n    base_url: http://c/v1\n    api_key: env:KEY\n"
        )
        #expect(edited == expected)
    }

    @Test("a provider is removed with its lines, and every other line stays")
    func remove() throws {
        let edited = try ProvidersEdit(Self.text, path: "f").removing("b")
        #expect(edited == Self.text.replacing("  - NAME: b\n    BASE_URL: http://b/v1\n", with: ""))
        let first = try ProvidersEdit(Self.text, path: "f").removing("a")
        #expect(first.contains("# the first\n\n  # the second\n  - NAME: b\n"))
    }

    @Test("the default provider is changed in its line, comment kept, or appended")
    func choose() throws {
        let edited = try ProvidersEdit(Self.text, path: "f").choosing("b")
        #expect(edited == Self.text.replacing("default_provider: a  #", with: "default_provider: b #"))
        #expect(try ProvidersEdit("server: {}\n", path: "f").choosing("b") == "server: {}\ndefault_provider: b\n")
    }

    @Test(
        "a first provider is added to whatever the text has of a list",
        arguments: ["", "providers: []\n", "providers:\n", "# c\nserver: {port: 1}\n", "providers: # none yet\n"]
    )
    func first(text: String) throws {
        let edited = try ProvidersEdit(text, path: "f").adding(provider("c"))
        #expect(try ProvidersEdit(edited, path: "f").names == ["c"])
        #expect(
            text.split(separator: "\n").filter { $0.hasPrefix("#") || $0.hasPrefix("server") }.allSatisfy(
                edited.contains
            )
        )
        let emptied = try ProvidersEdit(edited, path: "f").removing("c")
        #expect(try ProvidersEdit(emptied, path: "f").names == [])
    }

    @Test("lists at other indents are edited in their own way")
    func indents() throws {
        let flush = "providers:\n- name: a\n  base_url: http://a/v1\nserver: {}\n"
        let edited = try ProvidersEdit(flush, path: "f").adding(provider("c"))
        #expect(edited.contains("- name: c\n  base_url: http://c/v1\n  api_key: env:KEY\nserver"))
        let deep = "providers:\n    -\n      name: a\n      base_url: http://a/v1\n"
        #expect(try ProvidersEdit(deep, path: "f").removing("a") == "providers: []\n")
    }

    @Test(
        "what cannot be edited line by line is refused and left alone",
        arguments: [
            "providers: [{name: a, base_url: 'http://a/v1'}]\n", "{providers: []}\n",
        ]
    )
    func refused(text: String) throws {
        let edit = try ProvidersEdit(text, path: "f")
        let error = #expect(throws: ConfigurationError.self) { try edit.removing("a") }
        #expect(error?.code == .unsupported)
    }

    @Test("add, list, remove by the commands; the file stays private and linked")
    func commands() async throws {
        let scratch = try Scratch()
        let torii = Binary(home: scratch.path)
        #expect(try await torii.run("providers", "add", "ollama", "--model", "gpt-oss").status == 0)
        #expect(try scratch.mode(".config/torii/config.yaml") == 0o600)
        let url = "https://llm.example/v1"
        let add = ["providers", "add", "in-house", "--base-url", url, "--api-key", "env:K", "--default"]
        #expect(try await torii.run(add).status == 0)
        let list = try await torii.run("providers", "list")
        #expect(
            list.output == """
                NAME        ADDRESS                    MODEL    DIALECT  KEY
                ollama      http://localhost:11434/v1  gpt-oss  auto     none
                in-house *  https://llm.example/v1     -        auto     env:K

                """
        )
        #expect(try await torii.run(add).errors.contains("has a provider named in-house already"))
        let inUse = try await torii.run("providers", "remove", "in-house")
        #expect(inUse.status == 3)
        #expect(inUse.errors.contains("is the default provider"))
        #expect(try await torii.run("providers", "remove", "olama").errors.contains("Did you mean ollama?"))
        #expect(try await torii.run("providers", "remove", "ollama").status == 0)
    }

    @Test("JSON and TOML are not edited, and the way out is named")
    func otherFormats() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.json", #"{"providers": []}"#)
        let result = try await Binary(home: scratch.path).run("providers", "add", "ollama", "--config", file)
        #expect(result.status == 3)
        #expect(result.errors.contains("torii config import --from \(file)"))
        #expect(try scratch.text("config.json") == #"{"providers": []}"#)
    }
}
