import Gateway
import Inference
import Providers

extension RouteConfiguration {
    /// Writes all rules, as far as something was given.
    static func write(_ routes: [RouteConfiguration], to yaml: inout YAMLText) {
        if !routes.isEmpty { yaml.add("routes", "", depth: 0) }
        for route in routes { route.write(to: &yaml) }
    }

    private func write(to yaml: inout YAMLText) {
        yaml.add(element: "name: \(YAMLText.scalar(name.value))", depth: 1, origin: name.origin)
        conditions.write(to: &yaml)
        Self.write("targets", targets, to: &yaml) { _, _ in }
        if let strategy { yaml.add("strategy", strategy.value.rawValue, depth: 2, origin: strategy.origin) }
        if let affinity { yaml.add("affinity", String(affinity.value), depth: 2, origin: affinity.origin) }
        if let loadedFirst { yaml.add("loaded_first", String(loadedFirst.value), depth: 2, origin: loadedFirst.origin) }
        let causes = fallbacks.map(\.causes)
        Self.write("fallbacks", fallbacks.map(\.target), to: &yaml) { index, yaml in
            guard let causes = causes[index] else { return }
            yaml.add(list: "on", causes.map { $0.map(\.word) }, depth: 4)
        }
        if let maxCost { yaml.add("max_cost", Figures.amount(maxCost.value), depth: 2, origin: maxCost.origin) }
        for case (let key, let share?) in [("canary", canary), ("shadow", shadow)] {
            yaml.add(key, "", depth: 2)
            for (key, value, origin) in share.target.lines { yaml.add(key, value, depth: 3, origin: origin) }
            if let percent = share.percent {
                yaml.add("percent", Figures.amount(percent.value), depth: 3, origin: percent.origin)
            }
        }
        attempts.write(to: &yaml, depth: 2)
    }

    private static func write(
        _ key: String,
        _ targets: [Target],
        to yaml: inout YAMLText,
        rest: (Int, inout YAMLText) -> Void
    ) {
        if !targets.isEmpty { yaml.add(key, "", depth: 2) }
        for (index, target) in targets.enumerated() {
            for (place, line) in target.lines.enumerated() {
                if place == 0 {
                    yaml.add(element: "\(line.key): \(line.value)", depth: 3, origin: line.origin)
                } else {
                    yaml.add(line.key, line.value, depth: 4, origin: line.origin)
                }
            }
            rest(index, &yaml)
        }
    }
}

extension RouteConfiguration.Target {
    fileprivate var lines: [(key: String, value: String, origin: ValueOrigin)] {
        let texts = [("provider", provider), ("tag", tag), ("model", model)].compactMap { key, text in
            text.map { (key, YAMLText.scalar($0.value), $0.origin) }
        }
        return texts + (weight.map { [("weight", Figures.amount($0.value), $0.origin)] } ?? [])
    }
}

extension RouteConfiguration.Conditions {
    fileprivate func write(to yaml: inout YAMLText) {
        var body = YAMLText()
        if !headers.isEmpty { body.add("headers", "", depth: 3) }
        for header in headers {
            let value = YAMLText.scalar(header.value.value)
            body.add(YAMLText.scalar(header.name), value, depth: 4, origin: header.value.origin)
        }
        for (key, words) in [
            ("models", models), ("families", families), ("dialects", dialects?.map { $0.map(\.rawValue) }),
            ("tenants", tenants), ("roles", roles), ("key_labels", keyLabels),
        ] {
            if let words { body.add(list: key, words, depth: 3) }
        }
        if !times.isEmpty { body.add("times", "", depth: 3) }
        for window in times { window.write(to: &body) }
        for case (let key, let number?) in [("min_tokens", minimumTokens), ("max_tokens", maximumTokens)] {
            body.add(key, String(number.value), depth: 3, origin: number.origin)
        }
        for case (let key, let flag?) in [("tools", tools), ("images", images)] {
            body.add(key, String(flag.value), depth: 3, origin: flag.origin)
        }
        for case (let key, let number?) in [("min_spend", minimumSpend), ("max_spend", maximumSpend)] {
            body.add(key, Figures.amount(number.value), depth: 3, origin: number.origin)
        }
        for case (let key, let share?) in [
            ("min_budget_used", minimumBudgetUsed), ("max_budget_used", maximumBudgetUsed),
        ] {
            body.add(key, YAMLText.scalar(Quantity.text(share: share.value)), depth: 3, origin: share.origin)
        }
        if let preferences { body.add(list: "prefer", preferences.map { $0.map(\.rawValue) }, depth: 3) }
        guard !body.lines.isEmpty else { return }
        yaml.add("when", "", depth: 2)
        yaml.append(body)
    }
}

extension RouteConfiguration.Conditions.Window {
    fileprivate func write(to yaml: inout YAMLText) {
        let start = "\"\(TimeWindow.text(ofMinute: from.value))\""
        yaml.add(element: "from: \(start)", depth: 4, origin: from.origin)
        yaml.add("to", "\"\(TimeWindow.text(ofMinute: to.value))\"", depth: 5, origin: to.origin)
        if let days { yaml.add(list: "days", days, depth: 5) }
        if let zone { yaml.add("zone", YAMLText.scalar(zone.value.name), depth: 5, origin: zone.origin) }
    }
}

extension RouteConfiguration.Attempts {
    /// Writes what was given, with the key at this depth.
    func write(to yaml: inout YAMLText, depth: Int) {
        let waits = [("backoff", backoff), ("longest_wait", longestWait), ("holds_head", holdsHead)]
        let flags = [("repeats_sent", repeatsSent), ("hedges", hedges)]
        let deadlines = [
            ("connect", connect), ("head", head), ("first_token", firstToken), ("idle", idle), ("total", total),
        ]
        var body = YAMLText()
        if let retries { body.add("retries", String(retries.value), depth: depth + 1, origin: retries.origin) }
        for case (let key, let wait?) in waits {
            body.add(key, Quantity.text(wait.value), depth: depth + 1, origin: wait.origin)
        }
        for case (let key, let flag?) in flags {
            body.add(key, String(flag.value), depth: depth + 1, origin: flag.origin)
        }
        if deadlines.contains(where: { $0.1 != nil }) { body.add("deadlines", "", depth: depth + 1) }
        for case (let key, let wait?) in deadlines {
            body.add(key, Quantity.text(wait.value), depth: depth + 2, origin: wait.origin)
        }
        guard !body.lines.isEmpty else { return }
        yaml.add("attempts", "", depth: depth)
        yaml.append(body)
    }
}

extension YAMLText {
    /// Adds a list on one line, with the origin of its first element.
    fileprivate mutating func add(list key: String, _ words: [Setting<String>], depth: Int) {
        add(key, YAMLText.list(words.map(\.value)), depth: depth, origin: words.first?.origin)
    }
}
