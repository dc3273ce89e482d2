/// What torii top draws: lines made of a state, for a terminal of a size.
struct TopScreen: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        enum Style: Sendable, Hashable {
            case plain, title, heading, failing, faint
        }

        var text: String
        var style = Style.plain
    }

    /// Not longer than the terminal is wide, and not more of them than it has rows.
    private(set) var lines: [Line] = []
    private let columns: Int

    /// `place` is the gateway's address.
    init(_ model: TopModel, place: String, columns: Int, rows: Int) {
        self.columns = max(columns, 1)
        let table = model.table
        add(Self.title(model, place), .title)
        add(Self.summary(table.total))
        add(model.problem ?? "", model.problem == nil ? .plain : .failing)
        let shown = Self.figures(in: columns)
        add(heading(model, shown), .heading)
        let room = max(0, rows - lines.count - 1)
        for row in table.rows.prefix(room) {
            let hasFailed = (row.figures.value(.errors) ?? 0) > 0
            add(line(row.name, shown.map { row.figures.text($0) }, shown), hasFailed ? .failing : .plain)
        }
        add(Self.foot(model, hidden: max(0, table.rows.count - room)), .faint)
        lines = Array(lines.prefix(max(rows, 1)))
    }

    /// The sequences that put the lines in the place of all that the terminal shows.
    func sequences(inColour: Bool) -> String {
        let texts = lines.map { line in
            guard inColour, let code = line.style.code else { return line.text }
            return "\u{1B}[\(code)m\(line.text)\u{1B}[0m"
        }
        return "\u{1B}[H" + texts.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J"
    }

    // MARK: Lines

    private static func title(_ model: TopModel, _ place: String) -> String {
        let uptime = Figures.wait(model.rates.uptime / 1_000)
        var parts = ["torii top", place, "up \(uptime)", "by \(model.group.rawValue)"]
        if !model.filter.isEmpty && !model.isTyping { parts.append("filter \(model.filter)") }
        if model.isPaused { parts.append("PAUSED") }
        return parts.joined(separator: "  ")
    }

    private static func summary(_ total: TopFigures) -> String {
        let parts: [(TopColumn, String)] = [
            (.requests, "requests/s"), (.inFlight, "in flight"), (.errors, "% errors"),
            (.firstToken, "ms to first token"), (.tokens, "tokens/s"), (.cost, "$/min"),
        ]
        return parts.map { "\(total.text($0)) \($1)" }.joined(separator: "  ")
    }

    private func heading(_ model: TopModel, _ shown: [TopColumn]) -> String {
        func marked(_ title: String, _ column: TopColumn) -> String {
            guard column == model.sort else { return title }
            // Names begin with the first one, figures with the largest.
            return title + ((column == .name) == model.isReversed ? "↓" : "↑")
        }
        return line(
            marked(model.group.rawValue.uppercased(), .name),
            shown.map { marked($0.title, $0) },
            shown
        )
    }

    private static func foot(_ model: TopModel, hidden: Int) -> String {
        if model.isTyping { return "filter: \(model.filter)_  (Enter, or Esc for none)" }
        let more = hidden > 0 ? "  \(hidden) more" : ""
        return "q quit  s sort  r reverse  f filter  p m t group  space \(model.isPaused ? "go on" : "pause")\(more)"
    }

    // MARK: Columns

    /// The figures for which there is room beside a name.
    private static func figures(in columns: Int) -> [TopColumn] {
        var shown = TopColumn.figures
        while !shown.isEmpty, columns - width(of: shown) < leastName { shown.removeLast() }
        return shown
    }

    /// Each has two spaces before it, and room for a mark behind its title.
    private static func width(_ column: TopColumn) -> Int { max(column.title.count + 1, 8) }

    private static func width(of shown: [TopColumn]) -> Int { shown.reduce(0) { $0 + width($1) + 2 } }

    private static let leastName = 12

    private func line(_ name: String, _ cells: [String], _ shown: [TopColumn]) -> String {
        let room = max(columns - Self.width(of: shown), 1)
        var text = Self.cut(TopTable.line(name), to: room)
        text += String(repeating: " ", count: room - text.count)
        for (cell, column) in zip(cells, shown) {
            text += "  " + String(repeating: " ", count: max(0, Self.width(column) - cell.count)) + cell
        }
        return text
    }

    private mutating func add(_ text: String, _ style: Line.Style = .plain) {
        lines.append(Line(text: Self.cut(TopTable.line(text), to: columns), style: style))
    }

    private static func cut(_ text: String, to length: Int) -> String {
        text.count <= length ? text : String(text.prefix(length - 1)) + "…"
    }
}

extension TopScreen.Line.Style {
    /// How a terminal is told; nil for what needs no telling.
    fileprivate var code: Int? {
        switch self {
        case .plain: nil
        case .title: 1
        case .heading: 7
        case .failing: 31
        case .faint: 2
        }
    }
}
