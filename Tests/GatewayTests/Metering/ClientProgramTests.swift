import Providers
import Testing

@testable import Gateway

@Suite("The program that asks")
struct ClientProgramTests {
    private static let agents: [(String, ClientProgram)] = [
        ("codex_exec/0.163.0 (Linux) ", .codex), ("codex_cli_rs/0.50.0", .codex),
        ("Codex Desktop/1", .codex), ("claude-cli/2.0.14 (external, cli)", .claudeCode),
        ("claude-code/2.0", .claudeCode), ("torii", .torii), ("torii/0.9", .torii),
        ("OpenAI/Python 1.99.1", .openaiPython), ("AsyncOpenAI/Python 1.99.1", .openaiPython),
        ("AsyncAzureOpenAI/Python 1.99.1", .openaiPython), ("OpenAI/JS 5.12.2", .openaiNode),
        ("Anthropic/Python 0.60.0", .anthropicPython), ("AsyncAnthropic/Python 0.60.0", .anthropicPython),
        ("Anthropic/JS 0.60.0", .anthropicNode), ("opencode/1.0.1", .opencode),
        ("ai/5.0.10 ai-sdk/openai/2.0.5", .aiSDK), ("ai-sdk/openai-compatible/1.0", .aiSDK),
        ("ollama-python/0.5.1 (x86_64 linux) Python/3.11", .ollamaPython), ("ollama-js/0.5 (node)", .ollamaNode),
        ("ollama/0.11.4 (amd64 linux) Go/go1.24", .ollama), ("litellm/1.75.0", .litellm),
        ("curl/8.5.0", .curl), ("CURL/8.5.0", .curl), ("OpenAI/Go 1.12", .other), ("curly/1", .other),
        ("Mozilla/5.0 codex", .other), ("open", .other), ("", .other), ("é", .other),
    ]

    @Test("a user agent is known by how it begins", arguments: agents)
    func table(_ agent: String, _ program: ClientProgram) {
        let fields = Fields([("User-Agent", agent)])
        #expect(fields.withField(at: 0) { ClientProgram($0) } == program)
    }
}
