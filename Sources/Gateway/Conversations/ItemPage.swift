import Dialects

/// Which part of a response's items is wanted, as the query of `/input_items` says.
struct ItemPage: Sendable, Hashable {
    var isAscending = false
    var limit = 20
    /// The id of the item behind which the page begins.
    var after: String?

    /// - Throws: `Refusal` 400 naming the parameter at fault.
    init(query: String) throws(Refusal) {
        for pair in query.drop(while: { $0 == "?" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            switch parts[0] {
            case "order":
                guard value == "asc" || value == "desc" else { throw Self.wrong("order", "asc or desc") }
                isAscending = value == "asc"
            case "limit":
                guard let number = Int(value), (1...100).contains(number) else {
                    throw Self.wrong("limit", "from 1 to 100")
                }
                limit = number
            case "after":
                guard let name = ModelPath(escaped: value)?.name else { throw Self.wrong("after", "the id of an item") }
                after = name
            default: break
            }
        }
    }

    private static func wrong(_ name: String, _ wanted: String) -> Refusal {
        Refusal(.badQuery, "\(name) must be \(wanted).", field: name)
    }
}
