/// Rows put together, narrowed and sorted as somebody wishes to see them.
struct TopTable: Sendable, Hashable {
    struct Row: Sendable, Hashable {
        /// The provider's or the model's name, or the tenant's id.
        var id: String
        /// As people call it.
        var name: String
        var figures: TopFigures
    }

    private(set) var rows: [Row]
    /// Of all rows that are shown.
    private(set) var total: TopFigures

    /// `filter` is a text that a tenant, a provider or a model has to hold; empty is for all.
    init(_ rates: TopRates, by group: TopGroup, filter: String, sort: TopColumn, isReversed: Bool) {
        var sums: [String: TopCounts] = [:]
        var all = TopCounts()
        for row in rates.rows where rates.matches(row.subject, filter) {
            sums[row.subject.value(of: group), default: TopCounts()].add(row.counts)
            all.add(row.counts)
        }
        total = TopFigures(counts: all, seconds: rates.seconds)
        rows = sums.map { id, counts in
            let name = group == .tenant ? rates.names[id] ?? id : id
            let figures = TopFigures(counts: counts, seconds: rates.seconds)
            return Row(id: id, name: name.isEmpty ? "-" : name, figures: figures)
        }
        .sorted { one, other in
            if let isFirst = Self.comes(one, before: other, by: sort) { return isFirst != isReversed }
            return (one.name, one.id) < (other.name, other.id)
        }
    }

    /// Names in their order, figures with the largest first and what is not known last; nil for equals.
    private static func comes(_ one: Row, before other: Row, by sort: TopColumn) -> Bool? {
        guard sort != .name else { return one.name == other.name ? nil : one.name < other.name }
        let (left, right) = (one.figures.value(sort) ?? -1, other.figures.value(sort) ?? -1)
        return left == right ? nil : left > right
    }

    /// The table for a pipe, with a last row that has all.
    func text(by group: TopGroup) -> String {
        var table = TextTable([group.rawValue.uppercased()] + TopColumn.figures.map(\.title))
        for row in rows { table.add([Self.line(row.name)] + TopColumn.figures.map { row.figures.text($0) }) }
        table.add(["all"] + TopColumn.figures.map { total.text($0) })
        return table.text
    }

    /// A name that stays on its line, and does nothing to a terminal.
    static func line(_ text: String) -> String {
        TerminalText.safe(text.replacing("\n", with: " ").replacing("\t", with: " "))
    }
}

extension TopRates {
    fileprivate func matches(_ subject: LiveReport.Subject, _ filter: String) -> Bool {
        guard !filter.isEmpty else { return true }
        let wanted = filter.lowercased()
        let texts = [subject.tenant, names[subject.tenant] ?? "", subject.provider, subject.model]
        return texts.contains { $0.lowercased().contains(wanted) }
    }
}

extension LiveReport.Subject {
    fileprivate func value(of group: TopGroup) -> String {
        switch group {
        case .provider: provider
        case .model: model
        case .tenant: tenant
        }
    }
}
