extension AdministrationOperation {
    /// What runs and what ran since the start.
    static let live: AdministrationOperation = {
        var live = AdministrationOperation(
            method: "GET",
            path: "/admin/v1/live",
            act: .live,
            name: "showLive",
            summary: "Counts what runs and what ran since the start, by tenant, provider and model.",
            group: "live"
        )
        live.codes = [.notFound]
        live.answers = [Answer(200, "The counts; rates are their differences between two answers.", .live)]
        return live
    }()
}

extension NamedSchema {
    private typealias Member = Schema.Member

    fileprivate static let live = NamedSchema(
        "Live",
        .object([
            Member("uptime_ms", count.meaning("Since when everything is counted; less than before after a restart.")),
            Member("data", .list(of: row)),
            Member("names", .map(of: .text()).meaning("What people call the tenants, by their ids.")),
        ])
    )

    private static let row = Schema.object([
        Member(
            "tenant",
            .text().meaning("Its id; `local` for callers without a key that was issued, empty where nobody is known.")
        ),
        Member("provider", .text().meaning("Empty for what was answered without one.")),
        Member("model", .text().meaning("`other` for a name that nobody but callers has said.")),
        Member("requests", count.meaning("Those that have ended.")),
        Member("failed", count.meaning("Those among them that failed or broke off.")),
        Member("in_flight", count.meaning("Those that run.")), Member("input_tokens", count),
        Member("output_tokens", count), Member("cost_usd", .number(from: 0)),
        Member("first_tokens", count.meaning("Those of which the time to the first token is known.")),
        Member("first_token_us", count.meaning("These times together, in microseconds.")),
    ])

    private static let count = Schema.integer(0...Int.max)
}
