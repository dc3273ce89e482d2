import Inference

/// What of a rule's conditions can be told by comparing numbers: it turns most rules down without looking at them.
struct RuleSieve {
    /// A bit for each value that a request may have; of each group a request has one.
    struct Traits: OptionSet {
        let rawValue: UInt32

        static let tools = Traits(rawValue: 1 << 4)
        static let noTools = Traits(rawValue: 1 << 5)
        static let images = Traits(rawValue: 1 << 6)
        static let noImages = Traits(rawValue: 1 << 7)
        static let noPreference = Traits(rawValue: 1 << 11)
        static let namesProvider = Traits(rawValue: 1 << 12)
        static let namesNoProvider = Traits(rawValue: 1 << 13)
        static let all = Traits(rawValue: 1 << 14 - 1)

        static func of(_ dialect: Dialect) -> Traits {
            switch dialect {
            case .chat: Traits(rawValue: 1)
            case .responses: Traits(rawValue: 1 << 1)
            case .messages: Traits(rawValue: 1 << 2)
            case .ollama: Traits(rawValue: 1 << 3)
            }
        }

        static func of(_ preference: RoutePreference) -> Traits {
            switch preference {
            case .quality: Traits(rawValue: 1 << 8)
            case .cost: Traits(rawValue: 1 << 9)
            case .speed: Traits(rawValue: 1 << 10)
            }
        }

        /// A request's: one of each group.
        init(_ query: RouteQuery) {
            var traits = Self.of(query.dialect)
            traits.insert(query.hasTools ? .tools : .noTools)
            traits.insert(query.hasImages ? .images : .noImages)
            traits.insert(query.preference.map(Self.of) ?? .noPreference)
            traits.insert(query.provider == nil ? .namesNoProvider : .namesProvider)
            self = traits
        }

        /// Those that a rule lets through.
        init(_ conditions: RouteConditions) {
            var traits = Self.all
            if !conditions.dialects.isEmpty {
                for dialect in Dialect.allCases where !conditions.dialects.contains(dialect) {
                    traits.remove(.of(dialect))
                }
            }
            if let tools = conditions.tools { traits.remove(tools ? .noTools : .tools) }
            if let images = conditions.images { traits.remove(images ? .noImages : .images) }
            if !conditions.preferences.isEmpty {
                traits.remove(.noPreference)
                for preference in RoutePreference.allCases where !conditions.preferences.contains(preference) {
                    traits.remove(.of(preference))
                }
            }
            if !conditions.namesProvider { traits.remove(.namesProvider) }
            self = traits
        }

        init(rawValue: UInt32) { self.rawValue = rawValue }
    }

    let traits: Traits
    let minimumTokens: Int
    let maximumTokens: Int
    /// Whether there is more to look at.
    let isAll: Bool

    init(_ conditions: RouteConditions) {
        traits = Traits(conditions)
        minimumTokens = conditions.minimumTokens ?? 0
        maximumTokens = conditions.maximumTokens ?? .max
        isAll =
            conditions.headers.isEmpty && conditions.models.isEmpty && conditions.families.isEmpty
            && conditions.tenants.isEmpty && conditions.roles.isEmpty && conditions.keyLabels.isEmpty
            && conditions.schedule == nil && !conditions.asksForSpend
    }

    func lets(_ traits: Traits, _ tokens: Int) -> Bool {
        self.traits.isSuperset(of: traits) && tokens >= minimumTokens && tokens <= maximumTokens
    }
}
