/// One name with its series, as a scrape shows it.
struct MetricFamily: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case number(Double)
        case histogram(Histogram)
    }

    struct Series: Sendable, Equatable {
        var labels: [String]
        var value: Value
    }

    let name: MetricName
    var series: [Series]

    init(name: MetricName, series: [Series] = []) {
        self.name = name
        self.series = series
    }

    /// Adds another part of the same name: series with the same labels are added up, the others stand behind.
    mutating func merge(_ other: MetricFamily) { merge(parts: [other]) }

    /// Adds several other parts of the same name, for less than one after the other costs.
    mutating func merge(parts: [MetricFamily]) {
        var places: [[String]: Int] = [:]
        places.reserveCapacity(series.count)
        for (place, one) in series.enumerated() { places[one.labels] = place }
        for part in parts {
            precondition(part.name.name == name.name, "Parts that are merged have one name.")
            for one in part.series {
                if let place = places[one.labels] {
                    series[place].value.add(one.value)
                } else {
                    places[one.labels] = series.count
                    series.append(one)
                }
            }
        }
    }
}

extension MetricFamily.Value {
    /// Adds what another part of the same series says.
    mutating func add(_ other: Self) {
        switch (self, other) {
        case (.number(let mine), .number(let theirs)): self = .number(mine + theirs)
        case (.histogram(var mine), .histogram(let theirs)):
            mine.merge(theirs)
            self = .histogram(mine)
        case (.number, .histogram), (.histogram, .number):
            preconditionFailure("All series of a name are of one kind.")
        }
    }
}
