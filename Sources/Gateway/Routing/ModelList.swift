import JSON
import Providers

/// The models as `GET /v1/models` tells of them.
struct ModelList {
    /// One model in every shape.
    struct Entry: Sendable {
        let name: String
        let provider: String
        /// What the provider tells beside the name.
        let known: CatalogModel?
    }

    private let entries: [Entry]

    init(_ directory: ModelDirectory) {
        entries = directory.table.models.map { name, provider in
            Entry(name: name, provider: provider.name, known: directory.catalogModel(name, of: provider.name))
        }
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
        var writer = JSONWriter(capacity: 256 + 240 * shown.count)
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
            model.member("created", known?.changed.flatMap { Int($0) } ?? 0)
            model.member("owned_by", provider)
            model.member("type", "model")
            model.member("display_name", name)
            model.member("created_at", date)
        }
    }

    fileprivate func writeMessages(to writer: inout JSONWriter) {
        writer.object { model in
            model.member("type", "model")
            model.member("id", name)
            model.member("display_name", name)
            model.member("created_at", date)
            model.member("lifecycle", "active")
            model.key("max_input_tokens")
            if let length = known?.contextLength { model.int(length) } else { model.null() }
            for name in ["max_tokens", "capabilities", "line", "deprecated_at", "retires_at"] {
                model.member(name, JSONValue.null)
            }
        }
    }

    /// The epoch is what Anthropic gives for a model whose date is not known.
    private var date: String {
        guard let date = known?.changed, date.contains("T") else { return "1970-01-01T00:00:00Z" }
        return date
    }
}
