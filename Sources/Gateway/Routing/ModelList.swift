import JSON
import Providers

/// The models as `GET /v1/models` tells of them.
struct ModelList {
    /// One model in every shape.
    struct Entry: Sendable {
        let name: String
        let provider: String
    }

    private let entries: [Entry]

    init(_ table: RoutingTable) {
        entries = table.models.map { Entry(name: $0.name, provider: $0.provider.name) }
    }

    /// One body that OpenAI's clients understand and Anthropic's too.
    var combined: [UInt8] {
        var writer = JSONWriter(capacity: 256 + 160 * entries.count)
        writer.object { list in
            list.member("object", "list")
            list.key("data")
            list.array { array in
                for entry in entries { entry.writeCombined(to: &array) }
            }
            list.member("has_more", false)
            list.memberIfPresent("first_id", entries.first?.name)
            list.memberIfPresent("last_id", entries.last?.name)
        }
        return writer.bytes
    }

    /// A page of Anthropic's list.
    func messages(_ page: ModelPage) -> [UInt8] {
        let (shown, hasMore) = page.cut(entries)
        var writer = JSONWriter(capacity: 256 + 160 * shown.count)
        writer.object { list in
            list.key("data")
            list.array { array in
                for entry in shown { entry.writeMessages(to: &array) }
            }
            list.member("has_more", hasMore)
            list.member("first_id", shown.first.map { .string($0.name) } ?? JSONValue.null)
            list.member("last_id", shown.last.map { .string($0.name) } ?? JSONValue.null)
        }
        return writer.bytes
    }
}

extension ModelList.Entry {
    /// OpenAI's model object, with Anthropic's members beside it.
    var combined: [UInt8] {
        var writer = JSONWriter()
        writeCombined(to: &writer)
        return writer.bytes
    }

    /// Anthropic's model object.
    var messages: [UInt8] {
        var writer = JSONWriter()
        writeMessages(to: &writer)
        return writer.bytes
    }

    fileprivate func writeCombined(to writer: inout JSONWriter) {
        writer.object { model in
            model.member("id", name)
            model.member("object", "model")
            model.member("created", 0)
            model.member("owned_by", provider)
            model.member("type", "model")
            model.member("display_name", name)
            model.member("created_at", Self.unknownDate)
        }
    }

    fileprivate func writeMessages(to writer: inout JSONWriter) {
        writer.object { model in
            model.member("type", "model")
            model.member("id", name)
            model.member("display_name", name)
            model.member("created_at", Self.unknownDate)
        }
    }

    /// What Anthropic gives for a model whose date is not known.
    private static let unknownDate = "1970-01-01T00:00:00Z"
}

/// Which part of Anthropic's list is asked for.
struct ModelPage {
    private var limit = 20
    private var after: String?
    private var before: String?

    /// Reads `limit`, `after_id` and `before_id`; what makes no sense counts as not given.
    init(query: String) {
        for pair in query.drop(while: { $0 == "?" }).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = ModelPath("/v1/models/\(parts[1])")?.name else { continue }
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
