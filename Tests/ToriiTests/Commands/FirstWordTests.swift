import Testing

@testable import torii

@Suite struct FirstWordTests {
    private static let names = [
        "run", "models", "serve", "init", "config", "providers", "doctor", "completions", "help",
    ]

    @Test(
        "a word that stands alone is taken for a command if it is one slip away",
        arguments: [
            ("serv", "serve"), ("Serve", "serve"), ("modles", "models"), ("model", "models"), ("ini", "init"),
            ("conifg", "config"), ("docter", "doctor"), ("serve the people", nil), ("hello", nil), ("why", nil),
            ("x", nil),
            ("summarise", nil), ("", nil), ("in", nil), ("fun", "run"),
        ] as [(String, String?)]
    )
    func meaning(word: String, command: String?) {
        #expect(FirstWord.command(meantBy: word, among: Self.names) == command)
    }

    @Test("a prompt and what is piped in are divided by an empty line, and nothing is made of nothing")
    func joined() {
        #expect(Prompt.joined(words: ["a", "b"], piped: "c\n\n") == "a b\n\nc")
        #expect(Prompt.joined(words: [], piped: "c\n") == "c")
        #expect(Prompt.joined(words: ["a"], piped: " \n") == "a")
        #expect(Prompt.joined(words: [], piped: "") == "")
    }
}
