extension StatusReport {
    /// The report as a person reads it: some lines, then a row for each provider.
    var text: String {
        let readiness = isDraining ? "draining" : isReady ? "ready" : "not ready"
        var lines = ["torii \(version), up \(Figures.wait(uptimeSeconds)), \(readiness)"]
        lines.append(line("exchanges", [count(exchangesInFlight, "in flight"), count(exchangesSettled, "settled")]))
        lines.append(line("connections", [connections.map(String.init)]))
        lines.append(line("configuration", configuration))
        if let configProblem { lines.append(line("", [configProblem])) }
        for key in restartNeeded { lines.append(line("", ["\(key) has changed and counts after a restart"])) }
        lines.append(line("load", load))
        return lines.filter { !$0.isEmpty }.map { $0 + "\n" }.joined() + (providers.isEmpty ? "" : "\n" + table)
    }

    private var configuration: [String?] {
        let verdict = configOK.map { $0 ? "ok" : "NOT TAKEN, the one before it stays" }
        return [configGeneration.map { "number \($0)" }, configLoadedAt.map { "read \($0)" }, verdict]
    }

    private var load: [String?] {
        [
            shedding.map { "TURNING REQUESTS AWAY (\($0))" }, count(shed, "turned away"),
            loopLagMilliseconds.map { "loop lag \(Figures.tenths($0)) ms" },
            memoryBytes.map { "memory \(Figures.bytes($0))" },
        ]
    }

    private func count(_ number: Int?, _ words: String) -> String? { number.map { "\($0) \(words)" } }

    /// A line with its name in a column of its own; empty where nothing is known of it.
    private func line(_ name: String, _ parts: [String?]) -> String {
        let parts = parts.compactMap(\.self)
        guard !parts.isEmpty else { return "" }
        return name + String(repeating: " ", count: 15 - name.count) + parts.joined(separator: ", ")
    }

    /// A column that no provider has anything for is left out.
    private var table: String {
        let columns: [(name: String, isOptional: Bool, cell: (Provider) -> String?)] = [
            ("PROVIDER", false, { $0.name }),
            ("STATE", false, { $0.state?.replacing("_", with: " ") }),
            ("DIALECT", false, { $0.dialect }),
            ("MODELS", false, { $0.models.map(String.init) }),
            ("IN FLIGHT", true, { $0.inFlight.map(String.init) }),
            ("QUEUED", true, { $0.queued.map(String.init) }),
            ("BREAKER", true, { $0.breaker?.replacing("_", with: " ") }),
            ("COOLDOWN", true, { $0.cooldown.map { "\(Figures.tenths($0))s" } }),
            ("REASON", true, { $0.reason }),
        ]
        let shown = columns.filter { column in !column.isOptional || providers.contains { column.cell($0) != nil } }
        var table = TextTable(shown.map(\.name))
        for provider in providers { table.add(shown.map { $0.cell(provider) ?? "-" }) }
        return table.text
    }
}
