import Testing

@testable import Gateway

@Suite("The nearest names")
struct NearestNamesTests {
    @Test("the nearest come first, three at most, and equal ones by name")
    func order() {
        let names = ["qwen3:8b", "gpt-5.2", "gpt-5.2-mini", "gpt-5", "gpt-4.2", "llama"]
        #expect(NearestNames.of("gpt-5.3", among: names) == ["gpt-5.2", "gpt-4.2", "gpt-5"])
    }

    @Test("case does not matter, and what shares nothing is left out")
    func relevance() {
        #expect(NearestNames.of("GPT-5.2", among: ["gpt-5.2"]) == ["gpt-5.2"])
        #expect(NearestNames.of("zzzzzzzz", among: ["gpt-5.2", "llama3"]).isEmpty)
        #expect(NearestNames.of("m", among: []).isEmpty)
        #expect(NearestNames.of("", among: ["ab", "abc"]) == ["ab"])
    }

    @Test("a hostile name costs no more than a long one", .timeLimit(.minutes(1)))
    func hostile() {
        let names = (0..<200).map { "model-\($0)" }
        #expect(NearestNames.of(String(repeating: "m", count: 1 << 20), among: names).isEmpty)
    }
}
