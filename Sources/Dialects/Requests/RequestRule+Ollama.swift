import JSON

/// The rules of Ollama's native endpoints.
extension RequestRule {
    private static let flag: Kind = .of([.bool], "a boolean")
    private static let string: Kind = .of([.string], "a string")

    private static let serving: [RequestRule] = [
        RequestRule("options", .ollamaOptions),
        RequestRule("keep_alive", .of([.number, .string], "a number of seconds or a string")),
    ]

    private static let answering: [RequestRule] =
        shared + serving + [
            RequestRule("format", .of([.string, .object], "\"json\" or a schema")),
            RequestRule("think", .of([.bool, .string], "a boolean or a level")),
            RequestRule("truncate", flag),
            RequestRule("shift", flag),
            RequestRule("logprobs", flag),
            RequestRule("top_logprobs", .integer(0...20)),
            RequestRule("_debug_render_only", flag),
        ]

    static let ollamaChat = RequestRules(
        answering + [
            RequestRule("messages", .array),
            RequestRule("tools", .array),
        ]
    )

    static let ollamaGenerate = RequestRules(
        answering + [
            RequestRule("prompt", string),
            RequestRule("suffix", string),
            RequestRule("system", string),
            RequestRule("template", string),
            RequestRule("context", .array),
            RequestRule("raw", flag),
            RequestRule("images", .array),
            RequestRule("width", whole),
            RequestRule("height", whole),
            RequestRule("steps", whole),
        ]
    )

    static let ollamaEmbed = RequestRules(
        shared + serving + [
            RequestRule("input", .textOrArray),
            RequestRule("truncate", flag),
            RequestRule("dimensions", whole),
        ]
    )

    static let ollamaEmbeddings = RequestRules(shared + serving + [RequestRule("prompt", string)])
}
