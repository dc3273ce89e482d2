/// A request of the shape that Claude Code 2.1 sends, with texts of our own: its system blocks, instructions between the
/// turns, deferred tools, marks for the cache that move on with every turn, and its settings.
enum ClaudeCodeRequest {
    /// What the tools are called; the last ones are deferred.
    static let tools = [
        "Agent", "Bash", "Edit", "Glob", "Grep", "ListAgents", "NotebookEdit", "Read", "ReportFindings",
        "ScheduleWakeup", "Skill", "TodoWrite", "ToolSearch", "Workflow", "Write", "mcp__judge__echo", "WebFetch",
        "DeferredToolPlaceholder",
    ]

    /// The request of the turn after so many rounds of calls and results.
    static func body(turns: Int) -> String {
        let mark = #","cache_control":{"type":"ephemeral"}"#
        var messages = [
            #"""
            {"role":"user","content":[{"type":"text","text":"<system-reminder>\nThe repository is clean.\n</system-reminder>"},{"type":"text","text":"Please write the file, naïvely: 你好 👋🏽"}]}
            """#
        ]
        // With its mark the instruction is a block, later a plain string.
        let environment = #"# Environment\n - Platform: linux"#
        messages.append(
            turns == 0
                ? #"{"role":"system","content":[{"type":"text","text":"\#(environment)"\#(mark)}]}"#
                : #"{"role":"system","content":"\#(environment)"}"#
        )
        for turn in 0..<turns { messages += round(turn, mark: turn == turns - 1 ? mark : "") }
        return #"""
            {"model":"claude-opus-5","messages":[\#(messages.joined(separator: ","))],"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.330;"},{"type":"text","text":"You are an agent."\#(mark)},{"type":"text","text":"\nUse your own judgment."\#(mark)}],"tools":[\#(tools.map(tool).joined(separator: ","))],"metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s\"}"},"max_tokens":32000,"thinking":{"type":"adaptive","display":"omitted"},"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"high"},"stream":true}
            """#
    }

    private static func round(_ turn: Int, mark: String) -> [String] {
        let call =
            turn == 1
            ? #"{"type":"tool_use","id":"toolu_1","name":"ToolSearch","input":{"query":"select:WebFetch","max_results":5},"caller":{"type":"direct"}}"#
            : #"{"type":"tool_use","id":"toolu_\#(turn)","name":"Bash","input":{"command":"echo '\#(turn)' > x"},"caller":{"type":"direct"}},{"type":"tool_use","id":"toolu_\#(turn)b","name":"Read","input":{"file_path":"/x"},"caller":{"type":"direct"}}"#
        let result =
            turn == 1
            ? #"{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"tool_reference","tool_name":"WebFetch"}]\#(mark)}"#
            : #"{"tool_use_id":"toolu_\#(turn)b","type":"tool_result","content":"<tool_use_error>no</tool_use_error>","is_error":true},{"tool_use_id":"toolu_\#(turn)","type":"tool_result","content":"done \#(turn)","is_error":false\#(mark)}"#
        return [
            #"{"role":"assistant","content":[{"type":"thinking","thinking":"Step \#(turn).","signature":""},{"type":"text","text":"I will."},\#(call)]}"#,
            #"{"role":"user","content":[\#(result)]}"#,
        ]
    }

    private static func tool(_ name: String) -> String {
        let isDeferred = name == "WebFetch" || name == "DeferredToolPlaceholder"
        let schema =
            #"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"input":{"description":"What to do.","type":"string"}},"required":["input"],"additionalProperties":false}"#
        let loading = isDeferred ? #","defer_loading":true"# : ""
        return #"{"name":"\#(name)","description":"Does what \#(name) does.","input_schema":\#(schema)\#(loading)}"#
    }
}
