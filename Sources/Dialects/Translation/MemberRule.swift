package import Inference
package import JSON

/// What becomes of one member of a caller's request, by the dialect of the provider.
///
/// Every dialect lists all members that its specification knows in `memberRules`; docs/compatibility.md is printed from
/// these lists, and a test holds them against what translation does.
package struct MemberRule: Sendable {
    /// What becomes of a member.
    package enum Fate: String, Sendable, Hashable, CaseIterable {
        /// It reaches the provider, in the provider's words.
        case carried
        /// It is left out and named, because the answer means the same without it.
        case hint
        /// The request is refused by name, because without it something else would be asked.
        case refused
    }

    package let name: String
    /// A value that shows the member's fate.
    package let sample: JSONValue
    /// Values that ask for what happens anyway, as `null` always does; with one of them the member is dropped unnamed.
    package let defaults: [JSONValue]
    private let fates: [Dialect: Fate]
    private let otherwise: Fate

    /// A member whose fate is the same for all providers but those named.
    package init(
        _ name: String,
        _ otherwise: Fate,
        sample: JSONValue,
        defaults: [JSONValue] = [],
        _ fates: [Dialect: Fate] = [:]
    ) {
        self.name = name
        self.sample = sample
        self.defaults = defaults
        self.fates = fates
        self.otherwise = otherwise
    }

    /// The member's fate at a provider of another dialect.
    package func fate(at provider: Dialect) -> Fate { fates[provider] ?? otherwise }

    /// The list of a caller's dialect.
    package static func rules(of caller: Dialect) -> [MemberRule] {
        switch caller {
        case .chat: ChatCompletions.memberRules
        case .responses: Responses.memberRules
        case .messages: Messages.memberRules
        case .ollama: Ollama.memberRules
        }
    }
}
