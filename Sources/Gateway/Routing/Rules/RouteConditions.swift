package import Inference
package import Providers

/// Whom a rule is for; all conditions have to hold, and one that is not given holds for everybody.
package struct RouteConditions: Sendable, Hashable {
    /// A header field that has to be there, with a value of a pattern.
    package struct HeaderField: Sendable, Hashable {
        /// In lower case.
        package var name: String
        package var value: ModelPattern

        package init(_ name: String, _ value: String) {
            self.name = name.lowercased()
            self.value = ModelPattern(value)
        }
    }

    /// Each of them has to be there.
    package var headers: [HeaderField]
    /// The caller's word for the model is one of these, or fits one of these patterns.
    package var models: [ModelPattern]
    /// The model is of one of these families, such as `gpt-oss`.
    package var families: [String]
    /// What the caller speaks.
    package var dialects: Set<Dialect>
    package var tenants: Set<String>
    package var roles: Set<String>
    /// The labels of client keys.
    package var keyLabels: Set<String>
    package var schedule: RouteSchedule?
    /// Estimated tokens of the prompt.
    package var minimumTokens: Int?
    package var maximumTokens: Int?
    /// Whether the request declares tools.
    package var tools: Bool?
    /// Whether it holds images.
    package var images: Bool?
    /// USD that the caller has spent this month.
    package var minimumSpend: Double?
    package var maximumSpend: Double?
    /// How much of the caller's budgets is used up, of the one that is used up most; 1 is all of it.
    package var minimumBudgetUsed: Double?
    package var maximumBudgetUsed: Double?
    package var preferences: Set<RoutePreference>

    package init(
        headers: [HeaderField] = [],
        models: [String] = [],
        families: [String] = [],
        dialects: Set<Dialect> = [],
        tenants: Set<String> = [],
        roles: Set<String> = [],
        keyLabels: Set<String> = [],
        schedule: RouteSchedule? = nil,
        minimumTokens: Int? = nil,
        maximumTokens: Int? = nil,
        tools: Bool? = nil,
        images: Bool? = nil,
        minimumSpend: Double? = nil,
        maximumSpend: Double? = nil,
        minimumBudgetUsed: Double? = nil,
        maximumBudgetUsed: Double? = nil,
        preferences: Set<RoutePreference> = []
    ) {
        self.headers = headers
        self.models = models.map { ModelPattern($0) }
        self.families = families
        self.dialects = dialects
        self.tenants = tenants
        self.roles = roles
        self.keyLabels = keyLabels
        self.schedule = schedule
        self.minimumTokens = minimumTokens
        self.maximumTokens = maximumTokens
        self.tools = tools
        self.images = images
        self.minimumSpend = minimumSpend
        self.maximumSpend = maximumSpend
        self.minimumBudgetUsed = minimumBudgetUsed
        self.maximumBudgetUsed = maximumBudgetUsed
        self.preferences = preferences
    }

    /// Whether every request fits that names no provider in `x-provider`.
    package var isEmpty: Bool { self == RouteConditions() }

    /// Whether `x-provider` is among the header fields; a request that has it fits no other rule.
    package var namesProvider: Bool { headers.contains { $0.name == Self.providerField } }

    static let providerField = "x-provider"

    /// Whether what is spent, and what is used up, is as wanted; what is not known is not.
    func holdSpend(of query: RouteQuery) -> Bool {
        Self.holds(query.spend, minimumSpend, maximumSpend)
            && Self.holds(query.budgetUsed, minimumBudgetUsed, maximumBudgetUsed)
    }

    var asksForSpend: Bool {
        minimumSpend != nil || maximumSpend != nil || minimumBudgetUsed != nil || maximumBudgetUsed != nil
    }

    private static func holds(_ value: Double?, _ least: Double?, _ most: Double?) -> Bool {
        guard least != nil || most != nil else { return true }
        guard let value else { return false }
        return value >= least ?? -.infinity && value <= most ?? .infinity
    }
}

/// Families of models, by how their names begin.
enum ModelFamily {
    /// The name behind its organisation or provider: `gpt-oss-20b` of `openai/gpt-oss-20b`.
    static func start(_ name: UnsafeRawBufferPointer) -> Int {
        name.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    }

    /// Whether a name is of a family: it begins like it, and then ends or goes on with a mark.
    static func holds(_ family: String, _ name: UnsafeRawBufferPointer) -> Bool {
        let short = UnsafeRawBufferPointer(rebasing: name[start(name)...])
        let family = family.utf8
        guard short.count >= family.count, short.starts(with: family) else { return false }
        guard short.count > family.count else { return true }
        return switch short[family.count] {
        case UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"): true
        default: false
        }
    }
}
