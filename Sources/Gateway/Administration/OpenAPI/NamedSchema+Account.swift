import JSON

/// What answers about the account look like, derived of the tables that they are written by.
extension NamedSchema {
    private typealias Member = Schema.Member

    static let usageReport = NamedSchema(
        "UsageReport",
        .object([
            Member("by", .list(of: .choice(dimensions), 0...UsageQuestion.mostDimensions)),
            Member("since", Schema.millisecond.orNull), Member("until", Schema.millisecond.orNull),
            Member("data", .list(of: row, 0...UsageQuestion.mostRows)), Member("total", usageFigures.reference),
            Member("cut", Schema.flag.meaning("Whether there are more rows; `total` counts all of them.")),
            Member("names", .map(of: .text()).meaning("What people call what stands there by its id.")),
        ])
    )

    /// The values of its dimensions, of which there are those that were asked for, and its figures.
    private static let row = Schema.object(
        dimensions.map { Member($0, Schema.text().orNull, isRequired: false) } + figures
    )

    static let usageFigures = NamedSchema("UsageFigures", .object(figures))

    static let usageRecord = NamedSchema(
        "UsageRecord",
        .object(
            UsageField.all.map { field in
                Member(field.name, field.isAlwaysThere ? field.form.schema : field.form.schema.orNull)
            }
        )
    )

    static let usagePage = NamedSchema(
        "UsagePage",
        .object([
            Member("data", .list(of: usageRecord.reference, 0...UsageQuestion.mostRecords)),
            Member("next", Schema.cursor.orNull.meaning("The cursor of the next page; null at the end.")),
        ])
    )

    static let budgetPage = NamedSchema(
        "BudgetPage",
        .object([
            Member("data", .list(of: budget, 0...(BudgetPeriod.allCases.count * UsageQuestion.mostScopes))),
            Member(
                "next",
                Schema.cursor.orNull.meaning("The cursor of the next page, which may be empty; null at the end.")
            ),
        ])
    )

    private static let budget = Schema.object([
        Member("level", .choice(["tenant", "team", "user", "key"])), Member("id", .text()), Member("name", .text()),
        Member("tenant", Schema.text().orNull),
        Member("period", .choice(BudgetPeriod.allCases.map(\.rawValue))), Member("ends_at", .millisecond),
        Member("limit_usd", amount.orNull), Member("spent_usd", amount),
        Member("reserved_usd", amount.meaning("Set aside for requests that run.")),
        Member("remaining_usd", amount.orNull), Member("limit_tokens", count.orNull), Member("spent_tokens", count),
        Member("reserved_tokens", count), Member("remaining_tokens", count.orNull),
        Member("share", Schema.number(from: 0).meaning("How much is spent, of what is spent more; 1 is all of it.")),
    ])

    private static let figures = UsageFigure.all.map { Member($0.name, $0.form.schema) }
    private static let dimensions = UsageQuery.Dimension.allCases.map(\.rawValue)
    private static let amount = Schema.number(from: 0)
    private static let count = Schema.integer(0...Int.max)
}

extension UsageField.Form {
    fileprivate var schema: Schema {
        switch self {
        case .id: .cursor
        case .text: .text()
        case .word(let words): .choice(words)
        case .count: .integer(0...Int.max)
        case .flag: .flag
        case .money: .number(from: 0)
        case .time: .millisecond
        case .day: .text(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        }
    }
}

extension Schema {
    /// A time to the millisecond, as it is shown.
    static let millisecond = Schema.text(
        pattern: #"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"#,
        format: "date-time"
    )

    /// A time as it is asked for.
    static let moment = Schema.any(of: [.text(format: "date-time"), .text(format: "date")])

    /// Some dimensions of a report between commas.
    static let dimensions: Schema = {
        let word = "(\(UsageQuery.Dimension.allCases.map(\.rawValue).joined(separator: "|")))"
        return .text(
            1...IdentityField.longestName,
            pattern: "^\(word)(,\(word)){0,\(UsageQuestion.mostDimensions - 1)}$"
        )
    }()
}
