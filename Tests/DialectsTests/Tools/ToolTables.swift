import Inference
import JSON

@testable import Dialects

/// The tables of docs/codex-tools.md, made by translating a sample of each row.
enum ToolTables {
    /// Tools as Codex declares them, and a model's call of each.
    private static let samples: [(declared: String, tool: String, call: String)] = [
        ("`custom`, such as `apply_patch`", #"{"type":"custom","name":"apply_patch"}"#, #"{"input":"…"}"#),
        (
            "`namespace` `mcp__fs` with `read`",
            #"{"type":"namespace","name":"mcp__fs","tools":[{"type":"function","name":"read","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}]}"#,
            #"{"path":"a"}"#
        ),
        ("`local_shell`", #"{"type":"local_shell"}"#, #"{"command":["ls"]}"#),
        ("`tool_search` that the client runs", #"{"type":"tool_search","execution":"client"}"#, #"{"query":"…"}"#),
        ("`web_search`, and whatever else a provider runs", #"{"type":"web_search"}"#, "{}"),
    ]

    static var folded: String {
        row(["Codex declares", "The model is told of", "Its call comes back as"]) + "\n|---|---|---|\n"
            + samples.map { row(cells(of: $0)) }.joined(separator: "\n")
    }

    private static func cells(of sample: (declared: String, tool: String, call: String)) -> [String] {
        let body = #"{"model":"m","input":"hi","tools":[\#(sample.tool)]}"#
        guard let caller = try? CallerRequest(Array(body.utf8), endpoint: .responses),
            let translation = try? Translation(caller, to: .chat, provider: "p", model: "m")
        else { return [sample.declared, "?", "?"] }
        guard let function = (try? JSONValue(parsing: translation.wire.body))?["tools"]?[0]?["function"] else {
            let names = translation.dropped.map { "`\($0)`" }.joined(separator: ", ")
            return [sample.declared, "nothing; \(names) in `x-torii-dropped`", "–"]
        }
        let name = function["name"]?.string ?? ""
        let parameters = function["parameters"]?["properties"]?.object?.keys.joined(separator: ", ") ?? ""
        return [sample.declared, "`\(name)(\(parameters))`", item(of: name, sample.call, translation)]
    }

    /// The item that a call becomes, with the members that are the tool's own.
    private static func item(of name: String, _ arguments: String, _ translation: Translation) -> String {
        let call: JSONValue = ["id": "c", "function": ["name": .string(name), "arguments": .string(arguments)]]
        let choice: JSONValue = ["index": 0, "finish_reason": "tool_calls", "message": ["tool_calls": [call]]]
        let body = JSONValue.object(["model": "m", "choices": [choice]]).bytes
        var answer = translation.answer(requestID: "q", createdAt: 1, limit: 1 << 20)
        guard let start = try? answer.take(body.span.bytes), let end = try? answer.finish(),
            let item = (try? JSONValue(parsing: start + end))?["output"]?[0]?.object
        else { return "?" }
        let members = item.members.filter { !["id", "status", "call_id", "type"].contains($0.key) }
        let own = String(decoding: JSONValue.object(JSONObject(members)).bytes, as: UTF8.self)
        return "`\(item["type"]?.string ?? "")` `\(own)`"
    }

    private static let calls: [(TrainedTool, String)] = [
        (.exec, #"{"cmd":["bash","-lc","ls -la"]}"#),
        (.printTree, #"{"path":"src","depth":2}"#),
        (.search, #"{"path":"src","query":"a b"}"#),
        (.openFile, #"{"path":"a.swift","line_start":3,"line_end":9}"#),
        (.applyPatch, #"{"patch":"*** Begin Patch …"}"#),
    ]

    static var trained: String {
        row(["The model calls", "`exec_command` gets", "`shell` gets", "`apply_patch` gets"]) + "\n|---|---|---|---|\n"
            + calls.map { row(cells(of: $0.0, $0.1)) }.joined(separator: "\n")
    }

    private static func cells(of tool: TrainedTool, _ arguments: String) -> [String] {
        let others = [AgentTools.execCommand, AgentTools.shell].map { shell -> String in
            let call = try? unfolded(tool.rawValue, [arguments], [shell]).call
            return call?.name == tool.rawValue ? "–" : "`\(escaped(call?.arguments ?? ""))`"
        }
        let patch = try? unfolded(tool.rawValue, [arguments], [AgentTools.patch]).call
        let patched = patch?.kind == .custom ? "`\(patch?.arguments ?? "")`" : "–"
        return ["`\(tool.rawValue)` `\(arguments)`"] + others + [patched]
    }

    /// A bar would end the cell.
    private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
