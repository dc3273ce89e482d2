/// What somebody wants to know of the account, as the query of his request says it; every value is bounded (B18).
struct UsageQuestion: Sendable, Hashable {
    /// Which answer it is for.
    enum Kind: Sendable, Hashable {
        case report, records, budgets
    }

    /// What single values can be asked for.
    enum Filter: String, Sendable, Hashable, CaseIterable {
        case tenant, team, user, key, provider, model, client, outcome

        /// The kind of thing that its value is the id or the name of.
        var kind: IdentityKind? {
            switch self {
            case .tenant: .tenants
            case .team: .teams
            case .user: .users
            case .key: .keys
            case .provider, .model, .client, .outcome: nil
            }
        }
    }

    /// In which order records come.
    enum Order: String, Sendable, Hashable, CaseIterable {
        case oldest, newest
    }

    private(set) var by: [UsageQuery.Dimension] = []
    /// In milliseconds since 1970: from the first on, and before the second.
    private(set) var since: Int?
    private(set) var until: Int?
    var filters: [Filter: String] = [:]
    private(set) var limit: Int
    /// How the rows of a report are sorted; nil where nothing is said.
    private(set) var sort: UsageQuery.Sort?
    private(set) var order = Order.oldest
    /// The id of the last record of the page before, or where the page of budgets before ended.
    private(set) var after: Int?
    private(set) var form: UsageForm

    static let mostDimensions = 6
    static let mostRows = UsageQuery.mostRows
    static let mostRecords = 1_000
    static let mostScopes = 200

    /// Reads the query of a request, and what its client accepts.
    ///
    /// - Throws: `invalidQuery` that names a parameter which is not known or holds what it must not, and says what it may.
    init(_ text: String, accept: String?, of kind: Kind) throws(AdministrationProblem) {
        limit = kind.usualLimit
        form = .accepted(accept, among: kind.forms)
        for (name, value) in try AdministrationQuery.pairs(text) {
            guard kind.parameters.contains(name) else { throw AdministrationQuery.wrong(name, "is not known here") }
            try take(name, value, kind)
        }
    }

    private mutating func take(_ name: String, _ value: String, _ kind: Kind) throws(AdministrationProblem) {
        switch name {
        case "by": by = try Self.dimensions(value)
        case "since": since = try Self.moment(name, value)
        case "until": until = try Self.moment(name, value)
        case "limit":
            guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(value), number > 0 else {
                throw AdministrationQuery.wrong(name, "has to be a number above 0")
            }
            limit = min(number, kind.mostRows)
        case "cursor":
            guard let number = Int(value, radix: 36), number > 0, value == AdministrationQuery.cursor(number) else {
                throw AdministrationQuery.wrong(name, "is none of ours")
            }
            after = number
        case "sort": sort = try Self.word(name, value, UsageQuery.Sort.allCases)
        case "order": order = try Self.word(name, value, Order.allCases)
        case "format": form = try Self.word(name, value, kind.forms)
        case "outcome": filters[.outcome] = try Self.word(name, value, ExchangeRecord.Outcome.allCases).rawValue
        default: if let filter = Filter(rawValue: name) { filters[filter] = value }
        }
    }

    private static func dimensions(_ text: String) throws(AdministrationProblem) -> [UsageQuery.Dimension] {
        var dimensions: [UsageQuery.Dimension] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let dimension = try word("by", String(part), UsageQuery.Dimension.allCases, in: part)
            if !dimensions.contains(dimension) { dimensions.append(dimension) }
        }
        guard dimensions.count <= mostDimensions else {
            throw AdministrationQuery.wrong("by", "has more than \(mostDimensions) dimensions")
        }
        return dimensions
    }

    private static func moment(_ name: String, _ text: String) throws(AdministrationProblem) -> Int {
        guard let moment = Moment.milliseconds(of: text) else {
            throw AdministrationQuery.wrong(
                name,
                "has to be a date or a time of RFC 3339, such as 2027-01-31 or 2027-01-31T12:00:00Z"
            )
        }
        // What lies outside is as good as its nearer end.
        return min(max(moment, 0), latest)
    }

    /// The end of the year 9999.
    private static let latest = 253_402_300_799_999

    private static func word<Word: RawRepresentable>(
        _ name: String,
        _ text: String,
        _ words: [Word],
        in list: Substring? = nil
    ) throws(AdministrationProblem) -> Word where Word.RawValue == String {
        guard let word = words.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
            let choices = words.map(\.rawValue).joined(separator: ", ")
            let fault = list.map { "holds \"\($0.prefix(40))\", which is none of" } ?? "has to be"
            throw AdministrationQuery.wrong(name, "\(fault) \(choices)")
        }
        return word
    }
}

extension UsageQuestion.Kind {
    /// The names of what can be said.
    var parameters: [String] {
        switch self {
        case .report:
            ["by", "since", "until"] + UsageQuestion.Filter.allCases.map(\.rawValue) + ["sort", "limit", "format"]
        case .records:
            ["since", "until"] + UsageQuestion.Filter.allCases.map(\.rawValue) + ["order", "cursor", "limit", "format"]
        case .budgets: ["tenant", "cursor", "limit"]
        }
    }

    var forms: [UsageForm] {
        switch self {
        case .report: [.json, .csv, .jsonl]
        case .records: [.json, .jsonl]
        case .budgets: [.json]
        }
    }

    var usualLimit: Int {
        switch self {
        case .report: 1_000
        case .records, .budgets: 50
        }
    }

    var mostRows: Int {
        switch self {
        case .report: UsageQuestion.mostRows
        case .records: UsageQuestion.mostRecords
        case .budgets: UsageQuestion.mostScopes
        }
    }
}

extension UsageQuery {
    /// The question as the ledger is asked it.
    init(_ question: UsageQuestion) {
        self.init(
            by: question.by,
            since: question.since,
            until: question.until,
            limit: question.limit,
            sort: question.sort,
            order: question.order == .newest ? .newestFirst : .oldestFirst
        )
        tenant = question.filters[.tenant]
        team = question.filters[.team]
        user = question.filters[.user]
        key = question.filters[.key]
        provider = question.filters[.provider]
        model = question.filters[.model]
        client = question.filters[.client]
        outcome = question.filters[.outcome]
    }
}
