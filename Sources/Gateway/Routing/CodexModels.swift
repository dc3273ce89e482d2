import JSON
import Providers

/// The version that Codex names in `client_version`.
struct CodexVersion: Hashable, Comparable {
    private let numbers: [Int]

    /// The first version that takes instructions as a template; the older ones want them in a place of their own.
    static let withTemplates = CodexVersion(numbers: [0, 163, 0])

    private init(numbers: [Int]) { self.numbers = numbers }

    /// Reads it from a target's query; nil where it names none.
    init?(query: String) {
        let pairs = query.drop { $0 == "?" }.split(separator: "&")
        guard let value = pairs.first(where: { $0.hasPrefix("client_version=") })?.dropFirst(15) else { return nil }
        let parts = value.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").prefix(3).map { Int($0) }
        guard !parts.isEmpty, !parts.contains(nil) else { return nil }
        numbers = parts.compactMap(\.self)
    }

    static func < (left: CodexVersion, right: CodexVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}

/// The models as Codex reads them from `model_catalog_url`: the agent's instructions, windows and tools of each.
///
/// Without an entry Codex believes in 272,000 tokens and offers no `apply_patch`.
struct CodexModels {
    /// Codex reads 1 MiB at most, and all of a list or nothing of it.
    private static let limit = 768 << 10
    /// What is assumed of a context of which nobody knows: less than most have, and enough for an agent.
    private static let cautiousWindow = 65_536
    /// The least that Codex can work with; a shorter one would make it compact for ever.
    private static let shortestCompaction = 8_192

    private let entries: [ModelList.Entry]
    private let version: CodexVersion?

    init(_ entries: [ModelList.Entry], version: CodexVersion?) {
        self.entries = entries.filter { $0.profile.facts.converses ?? true }
        self.version = version
    }

    func write(to writer: inout JSONWriter) {
        writer.array { array in
            let start = array.bytes.count
            for (place, entry) in entries.enumerated() where array.bytes.count - start < Self.limit {
                write(entry, priority: place, to: &array)
            }
        }
    }

    private func write(_ entry: ModelList.Entry, priority: Int, to writer: inout JSONWriter) {
        let facts = entry.profile.facts
        writer.object { model in
            model.member("slug", entry.name)
            model.member("display_name", entry.name)
            model.member("description", "of \(entry.provider)")
            writeEfforts(facts.efforts ?? [], to: &model)
            model.member("shell_type", "unified_exec")
            model.member("visibility", "list")
            model.member("supported_in_api", true)
            model.member("priority", priority)
            model.member("availability_nux", JSONValue.null)
            model.member("upgrade", JSONValue.null)
            writeInstructions(to: &model)
            model.member("support_verbosity", false)
            model.member("default_verbosity", JSONValue.null)
            model.member("apply_patch_tool_type", "freeform")
            model.key("truncation_policy")
            model.object { policy in
                policy.member("mode", "tokens")
                policy.member("limit", 10_000)
            }
            model.member("supports_parallel_tool_calls", true)
            writeWindow(entry.profile, to: &model)
            model.key("experimental_supported_tools")
            model.array { _ in }
            model.key("input_modalities")
            model.array { list in
                list.string("text")
                if facts.vision == true { list.string("image") }
            }
        }
    }

    private func writeEfforts(_ efforts: [String], to model: inout JSONWriter) {
        model.key("supported_reasoning_levels")
        model.array { list in
            for effort in efforts {
                list.object { level in
                    level.member("effort", effort)
                    level.member("description", "\(effort) effort")
                }
            }
        }
        if let middle = efforts.contains("medium") ? "medium" : efforts.first {
            model.member("default_reasoning_level", middle)
        }
        model.member("supports_reasoning_summaries", !efforts.isEmpty)
        model.member("default_reasoning_summary", efforts.isEmpty ? "none" : "auto")
    }

    private func writeInstructions(to model: inout JSONWriter) {
        if let version, version >= .withTemplates {
            model.key("model_messages")
            model.object { $0.member("instructions_template", CodexInstructions.text) }
        } else {
            model.member("base_instructions", CodexInstructions.text)
        }
    }

    /// The window, and where to compact: with room for an answer, which shares the window with its prompt.
    private func writeWindow(_ profile: ModelProfile, to model: inout JSONWriter) {
        let input = profile.inputLimit ?? Self.cautiousWindow
        let total = profile.window ?? Self.cautiousWindow
        let answer = min(profile.outputLimit ?? total / 4, total / 4)
        model.member("context_window", input)
        model.member("max_context_window", input)
        let compaction = max(min(input * 9 / 10, total - answer), min(Self.shortestCompaction, input))
        model.member("auto_compact_token_limit", compaction)
    }
}
