/// What runs and what ran since the start, by tenant, provider and model: made of what event loops have counted for a scrape.
struct LivePicture: Sendable {
    /// Those names of which it is made.
    static let names: [GatewayMetrics.Counted] = [.requests, .tokens, .cost, .firstToken]

    private var counts: [LiveSubject: LiveCounts] = [:]

    /// Takes in one of those names.
    mutating func add(_ family: MetricFamily, of name: GatewayMetrics.Counted) {
        let labels = family.name.labels
        guard let tenant = labels.firstIndex(of: "tenant"),
            let provider = labels.firstIndex(of: name == .firstToken ? "gen_ai_provider_name" : "provider"),
            let model = labels.firstIndex(of: name == .firstToken ? "gen_ai_request_model" : "model")
        else { return }
        // Which of them it is, where a name has more than one of a subject.
        let word = labels.firstIndex(of: name == .requests ? "outcome" : "kind")
        for series in family.series {
            let subject = LiveSubject(
                tenant: series.labels[tenant],
                provider: series.labels[provider],
                model: series.labels[model]
            )
            counts[subject, default: LiveCounts()].add(series.value, of: name, word.map { series.labels[$0] } ?? "")
        }
    }

    /// Takes in requests that run.
    mutating func add(running subjects: [LiveSubject]) {
        for subject in subjects { counts[subject, default: LiveCounts()].inFlight += 1 }
    }

    /// Those of one tenant or of all, in the order of their names.
    func rows(of tenant: String?) -> [(subject: LiveSubject, counts: LiveCounts)] {
        let wanted = counts.filter { tenant == nil || $0.key.tenant == tenant }
        return wanted.map { (subject: $0.key, counts: $0.value) }.sorted { one, other in
            let (left, right) = (one.subject, other.subject)
            return (left.tenant, left.provider, left.model) < (right.tenant, right.provider, right.model)
        }
    }
}
