package import Inference
import JSON

/// The members of each dialect's requests and what becomes of them, as docs/compatibility.md shows it.
package enum MemberTable {
    /// One table for each caller's dialect, in Markdown.
    package static var markdown: String {
        Dialect.allCases.map(section).joined(separator: "\n\n")
    }

    /// A dialect as its documentation calls it.
    package static func title(_ dialect: Dialect) -> String {
        switch dialect {
        case .chat: "Chat Completions"
        case .responses: "Responses"
        case .messages: "Messages"
        case .ollama: "Ollama"
        }
    }

    private static func section(_ caller: Dialect) -> String {
        let providers = Dialect.allCases.filter { $0 != caller }
        let rules = MemberRule.rules(of: caller)
        var lines = ["### From \(title(caller))", ""]
        lines.append(row(["Member"] + providers.map { "to \(title($0))" } + ["Says nothing if"]))
        lines.append("|---|" + providers.map { _ in "---|" }.joined() + "---|")
        lines += rules.map { rule in
            row(["`\(rule.name)`"] + providers.map { rule.fate(at: $0).rawValue } + [defaults(of: rule)])
        }
        return lines.joined(separator: "\n")
    }

    /// The values with which a member asks for what happens anyway.
    private static func defaults(of rule: MemberRule) -> String {
        rule.defaults.map { "`\(String(decoding: $0.bytes, as: UTF8.self))`" }.joined(separator: ", ")
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }
}
