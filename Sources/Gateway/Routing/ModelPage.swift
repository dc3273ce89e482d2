/// Which part of Anthropic's list of models is asked for.
struct ModelPage {
    private var limit = 20
    private var after: String?
    private var before: String?

    /// Reads `limit`, `after_id` and `before_id`; what makes no sense counts as not given.
    init(query: String) {
        for pair in query.drop(while: { $0 == "?" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = ModelPath(escaped: parts[1])?.name else { continue }
            switch parts[0] {
            case "limit": limit = Int(value).flatMap { (1...1000).contains($0) ? $0 : nil } ?? limit
            case "after_id": after = value
            case "before_id": before = value
            default: break
            }
        }
    }

    /// The page, and whether there is more in its direction.
    func cut(_ entries: [ModelList.Entry]) -> (page: ArraySlice<ModelList.Entry>, hasMore: Bool) {
        if let before, let end = entries.firstIndex(where: { $0.name == before }) {
            return (entries[..<end].suffix(limit), end > limit)
        }
        let start = after.flatMap { after in entries.firstIndex { $0.name == after } }.map { $0 + 1 } ?? 0
        return (entries[start...].prefix(limit), entries.count - start > limit)
    }
}
