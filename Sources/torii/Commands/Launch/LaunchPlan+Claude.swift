extension LaunchPlan {
    /// Every name under which Claude Code asks for a model, the small one of its background work included.
    private static let models = [
        "ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL",
        "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL",
    ]
    /// Where Claude Code would go past the gateway.
    private static let otherWays = [
        "ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
        "CLAUDE_CODE_OAUTH_TOKEN",
    ]
    /// What Claude Code asks for where it does not know a model.
    private static let usualAnswer = 32_000

    mutating func planClaude(_ target: Target) {
        let home = "\(target.folder)/claude"
        folders = [home]
        // Without it the first start asks for a colour and a login.
        files = [("\(home)/.claude.json", "{\"hasCompletedOnboarding\":true}\n", false)]
        variables = [
            ("CLAUDE_CONFIG_DIR", .text(home)), ("ANTHROPIC_BASE_URL", .text(target.address)),
            ("ANTHROPIC_AUTH_TOKEN", .secret(target.key)), ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", .text("1")),
        ]
        variables += Self.models.map { ($0, .text(target.model.name)) }
        if let window = target.model.window {
            // It believes in a million tokens of a model that it does not know.
            variables.append(("CLAUDE_CODE_MAX_CONTEXT_TOKENS", .text(String(window))))
            let answer = min(target.model.outputLimit ?? window / 4, window / 4)
            if answer < Self.usualAnswer {
                variables.append(("CLAUDE_CODE_MAX_OUTPUT_TOKENS", .text(String(answer))))
            }
        }
        variables += Self.otherWays.map { ($0, .absent) }
    }
}
