import JSON

extension UsageReport {
    /// The whole report as an object; `names` are those that people know of the ids in it.
    func json(_ question: UsageQuestion, names: [(id: String, name: String)]) -> [UInt8] {
        var writer = JSONWriter(capacity: 1 << 12)
        writer.object { object in
            object.key("by")
            object.array { list in for dimension in dimensions { list.string(dimension.rawValue) } }
            for (key, moment) in [("since", question.since), ("until", question.until)] {
                object.key(key)
                (moment.map { UsageCell.time($0) } ?? .null).write(to: &object)
            }
            object.key("data")
            object.array { list in for row in rows { write(row, to: &list) } }
            object.key("total")
            object.object { total in Self.writeFigures(self.total, to: &total) }
            object.member("cut", isCut)
            object.key("names")
            object.object { member in for (id, name) in names { member.member(id, name) } }
        }
        return writer.bytes
    }

    /// A row on each line, as objects.
    var lines: [UInt8] {
        var writer = JSONWriter(capacity: 1 << 12)
        for row in rows {
            write(row, to: &writer)
            writer.frame("\n")
        }
        return writer.bytes
    }

    /// A head and a row on each line.
    var csv: [UInt8] {
        var text = CSV.line(dimensions.map(\.rawValue) + UsageFigure.all.map(\.name))
        for row in rows {
            let values = row.values.map { UsageCell($0).csv }
            text += CSV.line(values + UsageFigure.all.map { $0.value(row).csv })
        }
        return Array(text.utf8)
    }

    private func write(_ row: Row, to writer: inout JSONWriter) {
        writer.object { object in
            for (dimension, value) in zip(dimensions, row.values) {
                object.key(dimension.rawValue)
                UsageCell(value).write(to: &object)
            }
            Self.writeFigures(row, to: &object)
        }
    }

    private static func writeFigures(_ row: Row, to object: inout JSONWriter) {
        for figure in UsageFigure.all {
            object.key(figure.name)
            figure.value(row).write(to: &object)
        }
    }
}

extension UsageQuery.Dimension {
    /// The kind of thing whose ids its values are.
    fileprivate var kind: IdentityKind? { UsageQuestion.Filter(rawValue: rawValue)?.kind }
}

extension IdentityTables {
    /// The names and labels of what a report has by its ids, as far as it is still there.
    func names(in report: UsageReport) throws(AdministrationProblem) -> [(id: String, name: String)] {
        var names: [(id: String, name: String)] = []
        var seen: Set<String> = []
        for (place, dimension) in report.dimensions.enumerated() {
            guard let kind = dimension.kind else { continue }
            for row in report.rows where seen.count < Self.mostNames {
                guard let id = row.values[place], seen.insert(id).inserted else { continue }
                guard let name = try find(kind, id, in: nil)?.values[kind.label]?.text else { continue }
                names.append((id, name))
            }
        }
        return names
    }

    /// Of one report.
    private static let mostNames = 1_000
}
