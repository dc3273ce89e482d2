package import Providers

/// The program that asks: a word for the beginning of its `User-Agent`, so that reports have few of them.
package enum ClientProgram: String, Sendable, Hashable, CaseIterable {
    case codex
    case claudeCode = "claude-code"
    case torii
    case opencode
    case openaiPython = "openai-python"
    case openaiNode = "openai-node"
    case anthropicPython = "anthropic-python"
    case anthropicNode = "anthropic-node"
    /// Ollama's own command line.
    case ollama
    case ollamaPython = "ollama-python"
    case ollamaNode = "ollama-node"
    case litellm
    /// Vercel's AI SDK.
    case aiSDK = "ai-sdk"
    case curl
    /// Any other, and none.
    case other

    /// The program of a `User-Agent` field.
    package init(_ field: Field) {
        self = Self.beginnings.first { field.valueBegins($0.text) }?.program ?? .other
    }

    /// What each program's user agent begins with, in lower case; the case of its letters does not matter.
    ///
    /// The SDKs of OpenAI and Anthropic begin with the name of the client's class.
    private static let beginnings: [(text: StaticString, program: ClientProgram)] = [
        ("codex", .codex),
        ("claude-cli/", .claudeCode),
        ("claude-code/", .claudeCode),
        ("openai/python", .openaiPython),
        ("asyncopenai/python", .openaiPython),
        ("openai/js", .openaiNode),
        ("anthropic/python", .anthropicPython),
        ("asyncanthropic/python", .anthropicPython),
        ("anthropic/js", .anthropicNode),
        ("opencode/", .opencode),
        ("ai-sdk/", .aiSDK),
        ("ai/", .aiSDK),
        ("ollama-python/", .ollamaPython),
        ("ollama-js/", .ollamaNode),
        ("ollama/", .ollama),
        ("litellm/", .litellm),
        ("curl/", .curl),
        ("torii", .torii),
        ("azureopenai/python", .openaiPython),
        ("asyncazureopenai/python", .openaiPython),
        ("azureopenai/js", .openaiNode),
    ]
}
