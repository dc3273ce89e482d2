import JSON

extension LaunchPlan {
    /// A configuration in a variable, which opencode lays over all of its files.
    mutating func planOpenCode(_ target: Target) {
        variables = [
            ("OPENCODE_CONFIG_CONTENT", .text(Self.configuration(target))), ("TORII_API_KEY", .secret(target.key)),
        ]
    }

    private static func configuration(_ target: Target) -> String {
        var writer = JSONWriter()
        let name = "torii/\(target.model.name)"
        writer.object { root in
            root.member("$schema", "https://opencode.ai/config.json")
            root.member("model", name)
            root.member("small_model", name)
            root.member("autoupdate", false)
            root.key("provider")
            root.object { providers in
                providers.key("torii")
                providers.object { writeProvider(target, to: &$0) }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func writeProvider(_ target: Target, to provider: inout JSONWriter) {
        provider.member("npm", "@ai-sdk/openai-compatible")
        provider.member("name", "torii")
        provider.key("options")
        provider.object { options in
            options.member("baseURL", "\(target.address)/v1")
            options.member("apiKey", "{env:TORII_API_KEY}")
        }
        provider.key("models")
        provider.object { models in
            models.key(target.model.name)
            models.object { model in
                model.member("name", target.model.name)
                guard let window = target.model.window else { return }
                model.key("limit")
                model.object { limit in
                    limit.member("context", window)
                    limit.member("output", target.model.outputLimit ?? window / 4)
                }
            }
        }
    }
}
