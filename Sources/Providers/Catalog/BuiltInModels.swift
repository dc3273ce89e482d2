/// Models that agents are used with.
///
/// Windows and limits are the makers' statements; prices are USD per million tokens (input, cached input, output) without
/// batch, tier and long-context rates, and hold at the maker's own service alone. Read on 27 November 2026, from makers' model and price pages by way of LiteLLM's price table (1.110.2).
enum BuiltInModels {
    private static let readOn = "2026-11-27"
    private static let openAI = "api.openai.com"
    private static let anthropic = "api.anthropic.com"
    private static let lowToHigh = ["low", "medium", "high"]

    /// What talks and what does not; the latter's patterns go first, whatever else a name looks like.
    static let all = (silent: silent, talking: [openModels, gpt, claude, vendors].flatMap(\.self))

    /// Open weights: what they were trained for; whoever serves them may serve less, and asks its own price.
    private static let openModels: [KnownModel] = [
        model("gpt-oss*", 131_072, 131_072, lowToHigh),
        model("qwen3-coder*", 262_144, 65_536, []),
        model("qwen3-next*", 262_144, 65_536, nil),
        model("qwen3-vl*", 131_072, 32_768, nil, vision: true),
        model("qwen3.?*", 262_144, 65_536, nil, vision: nil),
        model("qwen3*", 40_960, 32_768, nil),
        model("qwen2.5-coder*", 32_768, 8_192, []),
        model("deepseek-r1*", 65_536, 8_192, nil),
        model("deepseek-v3*", 131_072, 8_192, nil),
        model("llama3.1*", 131_072, nil, []),
        model("llama-3.1*", 131_072, nil, []),
        model("llama3.3*", 131_072, nil, []),
        model("llama-3.3*", 131_072, nil, []),
        model("llama3*", 8_192, nil, []),
        model("devstral*", 131_072, nil, []),
        model("codestral*", 128_000, nil, []),
        model("mistral-small3*", 131_072, nil, [], vision: true),
        model("mistral-nemo*", 128_000, nil, []),
        model("glm-4.5*", 128_000, 32_000, nil),
        model("glm-4.6*", 200_000, 128_000, nil),
        model("glm-4.7*", 200_000, 128_000, nil),
        model("glm-5*", 200_000, 128_000, nil),
        model("kimi-k2*", 131_072, 32_768, nil),
        model("gemma3*", 131_072, 8_192, [], vision: true, tools: nil),
    ]

    private static let gpt: [KnownModel] = [
        family(
            openAI,
            window: 400_000,
            input: 272_000,
            output: 128_000,
            ["minimal"] + lowToHigh,
            [
                ("gpt-5", (1.25, 0.125, 10)), ("gpt-5-20*", (1.25, 0.125, 10)), ("gpt-5-mini*", (0.25, 0.025, 2)),
                ("gpt-5-nano*", (0.05, 0.005, 0.4)),
            ]
        ),
        family(
            openAI,
            window: 400_000,
            input: 272_000,
            output: 128_000,
            lowToHigh,
            [
                ("gpt-5-codex*", (1.25, 0.125, 10)), ("gpt-5.1*", (1.25, 0.125, 10)),
                ("gpt-5.1-codex-mini*", (0.25, 0.025, 2)),
            ]
        ),
        family(
            openAI,
            window: 400_000,
            input: 272_000,
            output: 128_000,
            lowToHigh + ["xhigh"],
            [
                ("gpt-5.2*", (1.75, 0.175, 14)), ("gpt-5.3-codex*", (1.75, 0.175, 14)),
                ("gpt-5.4-mini*", (0.75, 0.075, 4.5)), ("gpt-5.4-nano*", (0.2, 0.02, 1.25)),
            ]
        ),
        family(
            openAI,
            window: 1_050_000,
            input: 922_000,
            output: 128_000,
            lowToHigh + ["xhigh"],
            [
                ("gpt-5.4*", (2.5, 0.25, 15)), ("gpt-5.5*", (5, 0.5, 30)), ("gpt-5.6*", (4, 0.4, 20)),
                ("gpt-5.6-terra*", (2, 0.2, 12)), ("gpt-5.6-luna*", (0.2, 0.02, 1.2)), ("gpt-6-sol*", (2, 0.2, 10)),
                ("gpt-6-luna*", (0.1, 0.01, 0.5)), ("gpt-6-astra*", (10, 1, 50)), ("gpt-6.1-sol*", (2, 0.1, 10)),
                ("gpt-6.1-terra*", (1, 0.05, 5)),
            ]
        ),
        family(
            openAI,
            window: 1_047_576,
            output: 32_768,
            [],
            [
                ("gpt-4.1*", (2, 0.5, 8)), ("gpt-4.1-mini*", (0.4, 0.1, 1.6)), ("gpt-4.1-nano*", (0.1, 0.025, 0.4)),
            ]
        ),
        family(
            openAI,
            window: 128_000,
            output: 16_384,
            [],
            [("gpt-4o*", (2.5, 1.25, 10)), ("gpt-4o-mini*", (0.15, 0.075, 0.6))]
        ),
        family(
            openAI,
            window: 200_000,
            output: 100_000,
            lowToHigh,
            [("o3", (2, 0.5, 8)), ("o3-20*", (2, 0.5, 8)), ("o4-mini*", (1.1, 0.275, 4.4))]
        ),
    ].flatMap(\.self)

    private static let claude: [KnownModel] = [
        family(
            anthropic,
            window: 200_000,
            output: 64_000,
            lowToHigh,
            [
                ("claude-haiku-4?5*", (1, 0.1, 5)), ("claude-sonnet-4?5*", (3, 0.3, 15)),
                ("claude-opus-4?5*", (5, 0.5, 25)),
            ]
        ),
        family(
            anthropic,
            window: 1_000_000,
            output: 128_000,
            lowToHigh + ["max"],
            [
                ("claude-sonnet-4?6*", (3, 0.3, 15)), ("claude-opus-4?6*", (5, 0.5, 25)),
                ("claude-opus-4?7*", (5, 0.5, 25)), ("claude-opus-4?8*", (5, 0.5, 25)),
                ("claude-sonnet-5*", (2, 0.2, 10)), ("claude-sonnet-5?5*", (2, 0.1, 10)),
                ("claude-opus-5*", (5, 0.5, 25)), ("claude-opus-5?5*", (4, 0.2, 20)),
                ("claude-haiku-5?5*", (0.1, 0.01, 0.5)),
            ]
        ),
        [KnownModel("gpt-5*-chat*", ModelFacts(window: 128_000, outputLimit: 16_384, tools: true, vision: true))],
        [KnownModel("claude-*", ModelFacts(window: 200_000, tools: true, vision: true))],
    ].flatMap(\.self)

    private static let vendors: [KnownModel] = [
        family(
            "api.deepseek.com",
            window: 1_000_000,
            output: 393_216,
            nil,
            [("deepseek-v4-flash*", (0.3, 0.006, 1.2)), ("deepseek-v4-pro*", (1.32, 0.044, 3.96))],
            vision: nil
        ),
        family(
            "api.deepseek.com",
            window: 131_072,
            output: 8_192,
            nil,
            [("deepseek-chat", (0.28, 0.028, 0.42)), ("deepseek-reasoner", (0.28, 0.028, 0.42))],
            vision: false
        ),
        family(
            "api.mistral.ai",
            window: 256_000,
            output: nil,
            nil,
            [
                ("devstral-medium*", (0.4, 0.04, 2)), ("devstral-small-latest", (0.1, 0.01, 0.3)),
                ("mistral-medium*", (1.5, 0.15, 7.5)), ("mistral-small-latest", (0.15, 0.015, 0.6)),
                ("mistral-large-latest", (0.5, 0.05, 1.5)),
            ],
            vision: nil
        ),
        family(
            "api.z.ai",
            window: 1_000_000,
            output: 128_000,
            nil,
            [("glm-5.2*", (1.4, 0.26, 4.4)), ("glm-5.3*", (1.4, 0.26, 4.4)), ("glm-5.3-flash*", (0.15, 0.03, 0.5))],
            vision: nil
        ),
        family(
            "api.moonshot.ai",
            window: 262_144,
            output: nil,
            nil,
            [
                ("kimi-k2.5*", (0.6, 0.1, 3)), ("kimi-k2.6*", (0.95, 0.16, 4)), ("kimi-k2.7-code*", (0.95, 0.19, 4)),
            ]
        ),
        family("api.moonshot.ai", window: 1_048_576, output: nil, nil, [("kimi-k3*", (3, 0.3, 15))]),
    ].flatMap(\.self)

    /// Names of models that do not talk; a provider's list is full of them.
    private static let silent: [KnownModel] = embeddings + silentNames

    /// What OpenAI's models for embeddings cost; they write nothing.
    private static let embeddings: [KnownModel] = [
        ("text-embedding-3-small", 0.02), ("text-embedding-3-large", 0.13), ("text-embedding-ada-002", 0.1),
    ]
    .map { name, price in
        var facts = ModelFacts(tools: false, converses: false)
        facts.price = ModelPrice(input: price, output: price, readOn: readOn)
        return KnownModel(name, vendor: openAI, facts)
    }

    private static let silentNames: [KnownModel] = [
        "*embed*", "*whisper*", "*tts*", "*dall-e*", "*gpt-image*", "*moderation*", "*transcribe*", "*realtime*",
        "sora*", "babbage*", "davinci*", "*rerank*",
    ]
    .map { KnownModel($0, ModelFacts(tools: false, converses: false)) }

    private static func model(
        _ pattern: String,
        _ window: Int,
        _ output: Int?,
        _ efforts: [String]?,
        vision: Bool? = false,
        tools: Bool? = true
    ) -> KnownModel {
        KnownModel(
            pattern,
            ModelFacts(window: window, outputLimit: output, tools: tools, vision: vision, efforts: efforts)
        )
    }

    private static func family(
        _ vendor: String,
        window: Int,
        input: Int? = nil,
        output: Int?,
        _ efforts: [String]?,
        _ members: [(pattern: String, price: (Double, Double, Double))],
        vision: Bool? = true
    ) -> [KnownModel] {
        members.map { pattern, price in
            var facts = ModelFacts(window: window, inputLimit: input, outputLimit: output, tools: true, vision: vision)
            facts.efforts = efforts
            facts.price = ModelPrice(
                input: price.0,
                cachedInput: price.1,
                cacheWrite: asksForCacheWrites(pattern, vendor) ? price.0 * 1.25 : nil,
                // Twice as much for an hour; nobody else says that it makes a difference.
                cacheWrite1h: vendor == anthropic ? price.0 * 2 : nil,
                output: price.2,
                readOn: readOn
            )
            return KnownModel(pattern, vendor: vendor, facts)
        }
    }

    /// Whether its maker asks a fourth more for what it keeps of a prompt for the shortest time.
    private static func asksForCacheWrites(_ pattern: String, _ vendor: String) -> Bool {
        vendor == anthropic || ["gpt-5.6", "gpt-6"].contains { pattern.hasPrefix($0) }
    }
}
