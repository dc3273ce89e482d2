extension AdministrationOperation {
    /// What is asked of the account.
    static let account: [AdministrationOperation] = {
        var report = read(.report, "usage", "reportUsage", "Adds up what was used, by what is asked for.")
        var whole = Answer(200, "The report, also as CSV or as lines of JSON.", .usageReport)
        whole.otherTypes = [UsageForm.csv, .jsonl].map(\.mediaType)
        report.answers = [whole]
        var records = read(.records, "usage/records", "listUsage", "Lists single requests, with what each one cost.")
        var page = Answer(200, "A page of them, also as lines of JSON.", .usagePage)
        page.otherTypes = [UsageForm.jsonl.mediaType]
        records.answers = [page]
        var budgets = read(.budgets, "budgets", "listBudgets", "Lists who has a budget, and how it stands.")
        budgets.answers = [Answer(200, "A page of them.", .budgetPage)]
        return [report, records, budgets]
    }()

    private static func read(
        _ act: UsageAdministration.Act,
        _ path: String,
        _ name: String,
        _ summary: String
    ) -> AdministrationOperation {
        var operation = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/\(path)",
            act: .account(act),
            name: name,
            summary: summary,
            group: "account"
        )
        operation.parameters = act.kind.parameters.map { Parameter.account($0, act.kind) }
        operation.codes = [.notFound, .invalidQuery, .storeUnavailable]
        return operation
    }
}

extension AdministrationOperation.Parameter {
    /// One of what a question about the account says.
    fileprivate static func account(
        _ name: String,
        _ kind: UsageQuestion.Kind
    ) -> AdministrationOperation.Parameter {
        let (schema, meaning) = described(name, kind)
        return AdministrationOperation.Parameter(name, in: .query, schema, meaning)
    }

    private static func described(_ name: String, _ kind: UsageQuestion.Kind) -> (Schema, String) {
        switch name {
        case "by": (.dimensions, "What it is added up by, between commas; without it all is one.")
        case "since" where kind == .report:
            (.moment, "From the hour on that this time is in. A date is its beginning in UTC.")
        case "since": (.moment, "From this time on. A date is its beginning in UTC.")
        case "until" where kind == .report: (.moment, "Before this time, to the end of the hour that is begun by then.")
        case "until": (.moment, "Before this time.")
        case "limit": (.integer(1...Int.max), "How many there are at most; never more than \(kind.mostRows).")
        case "cursor" where kind == .records:
            (.cursor, "The `next` of the page before, or the `id` of the last record that is known.")
        case "cursor": (.cursor, "The `next` of the page before.")
        case "sort":
            (
                .choice(UsageQuery.Sort.allCases.map(\.rawValue)),
                "The largest first, or by `values`. Without it by `cost`, or by `values` where `by` has a time."
            )
        case "order":
            (
                .choice(UsageQuestion.Order.allCases.map(\.rawValue)),
                "By their ids; `oldest` first where nothing is said."
            )
        case "format": (.choice(kind.forms.map(\.rawValue)), "It is stronger than `Accept`.")
        case "outcome": (.choice(ExchangeRecord.Outcome.allCases.map(\.rawValue)), "Those that ended so alone.")
        case "tenant": (.line, "Those of this tenant alone, by its id or its name.")
        case "team", "user": (.line, "Those of this \(name) alone, by its id or, beside `tenant`, its name.")
        case "key": (.line, "Those of the key with this id alone.")
        default: (.line, "Those of this \(name) alone.")
        }
    }
}
