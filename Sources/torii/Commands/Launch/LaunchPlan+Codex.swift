import JSON

extension LaunchPlan {
    /// A home of its own, and everything else on the command line: Codex writes into its `config.toml` by itself, and the
    /// gateway's address may be another one tomorrow.
    ///
    /// Codex refuses a home below the system's temporary folder.
    mutating func planCodex(_ target: Target) {
        let home = "\(target.folder)/codex"
        folders = [home]
        variables = [("CODEX_HOME", .text(home)), ("TORII_API_KEY", .secret(target.key))]
        let base = Self.toml("\(target.address)/v1")
        let catalogue = Self.toml("\(target.address)/v1/models")
        let provider =
            "{name=\"torii\",base_url=\(base),env_key=\"TORII_API_KEY\",wire_api=\"responses\",model_catalog_url=\(catalogue)}"
        var settings = [
            "model=\(Self.toml(target.model.name))",
            "model_provider=\"torii\"",
            "model_providers.torii=\(provider)",
            // Before 0.163 the catalogue is only read where this is on.
            "features.api_key_model_discovery=true",
            "check_for_update_on_startup=false",
            "analytics.enabled=false",
        ]
        if let catalogue = target.catalogue {
            let file = "\(home)/torii-models.json"
            files = [(file, catalogue, true)]
            settings.append("model_catalog_json=\(Self.toml(file))")
        }
        arguments = settings.flatMap { ["-c", $0] }
    }

    /// A basic string of TOML; JSON's escapes are among its own.
    private static func toml(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
