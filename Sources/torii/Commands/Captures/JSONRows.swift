import JSON

/// The rows of a list as JSON, page by page: one array, or an object on each line.
struct JSONRows {
    private let isArray: Bool
    private(set) var count = 0

    init(isArray: Bool) { self.isArray = isArray }

    /// What the rows of the next page add.
    mutating func text(of page: JSONView) -> String {
        var text = ""
        for row in page["data"]?.elements.map({ $0 }) ?? [] {
            if isArray { text += count == 0 ? "[" : "," }
            text += String(decoding: row.raw, as: UTF8.self)
            if !isArray { text += "\n" }
            count += 1
        }
        return text
    }

    /// What stands behind the last page.
    var end: String {
        guard isArray else { return "" }
        return count == 0 ? "[]\n" : "]\n"
    }
}
