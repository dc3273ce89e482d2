import JSON

extension TopTable {
    /// The figures as one object on a line; what is not known is null.
    func json(_ rates: TopRates, by group: TopGroup) -> String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("uptime_ms", rates.uptime)
            object.member("seconds", rates.seconds)
            object.member("by", group.rawValue)
            object.key("data")
            object.array { list in
                for row in rows {
                    list.object { member in
                        member.member(group.rawValue, row.id)
                        if group == .tenant { member.member("name", row.name) }
                        Self.write(row.figures, to: &member)
                    }
                }
            }
            object.key("total")
            object.object { member in Self.write(total, to: &member) }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    private static func write(_ figures: TopFigures, to object: inout JSONWriter) {
        for column in TopColumn.figures {
            object.key(column.member)
            guard let value = figures.value(column) else {
                object.null()
                continue
            }
            if column == .inFlight { object.int(figures.counts.inFlight) } else { object.double(value) }
        }
    }
}

extension TopColumn {
    /// What its figure is called in JSON.
    fileprivate var member: String {
        switch self {
        case .name: "name"
        case .requests: "requests_per_second"
        case .inFlight: "in_flight"
        case .errors: "errors_percent"
        case .firstToken: "first_token_ms"
        case .tokens: "output_tokens_per_second"
        case .cost: "usd_per_minute"
        }
    }
}
