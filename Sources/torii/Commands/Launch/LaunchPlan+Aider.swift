import JSON

extension LaunchPlan {
    /// Variables beat aider's configuration files and are beaten by its flags.
    mutating func planAider(_ target: Target) {
        let metadata = "\(target.folder)/aider/models.json"
        let model = "openai/\(target.model.name)"
        folders = ["\(target.folder)/aider"]
        files = [(metadata, Self.metadata(model, target.model), true)]
        variables = [
            ("OPENAI_API_BASE", .text("\(target.address)/v1")), ("OPENAI_API_KEY", .secret(target.key)),
            ("AIDER_MODEL", .text(model)), ("AIDER_WEAK_MODEL", .text(model)), ("AIDER_EDITOR_MODEL", .text(model)),
            ("AIDER_MODEL_METADATA_FILE", .text(metadata)), ("AIDER_SHOW_MODEL_WARNINGS", .text("false")),
            ("AIDER_CHECK_UPDATE", .text("false")), ("AIDER_ANALYTICS_DISABLE", .text("true")),
        ]
    }

    /// What aider cannot know of the model by itself.
    private static func metadata(_ name: String, _ model: LaunchModel) -> String {
        var writer = JSONWriter()
        writer.object { models in
            models.key(name)
            models.object { entry in
                entry.member("litellm_provider", "openai")
                entry.member("mode", "chat")
                entry.memberIfPresent("max_input_tokens", model.window)
                entry.memberIfPresent("max_output_tokens", model.outputLimit)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
