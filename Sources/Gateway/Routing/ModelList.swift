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
        /// What is known from all sources.
        let profile: ModelProfile
    }

    let entries: [Entry]

    init(_ directory: ModelDirectory, _ models: KnownModels, for rights: ModelRights = .all) {
        let table = directory.table(for: rights)
        entries = table.models(for: rights).map { Entry($0, of: $1, table, directory, models) }
    }

    /// One body that OpenAI's clients understand, Anthropic's too, and Codex, whose version decides where its
    /// instructions stand.
    func combined(codex version: CodexVersion?) -> [UInt8] {
        var writer = JSONWriter(capacity: 256 + 4_096 * entries.count)
        writer.object { list in
            list.member("object", "list")
            list.key("data")
            list.array { array in
                for entry in entries { entry.writeCombined(to: &array) }
            }
            list.key("models")
            CodexModels(entries, version: version).write(to: &list)
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
    /// A model by a name that callers use for it.
    init(
        _ name: String,
        of provider: Provider,
        _ table: RoutingTable,
        _ directory: ModelDirectory,
        _ models: KnownModels
    ) {
        let meant = table.meant(by: name)
        let prefix = "\(provider.name)/"
        self.name = name
        self.provider = provider.name
        known = directory.catalogModel(meant, of: provider.name)
        profile = ModelProfile(
            meant.hasPrefix(prefix) ? String(meant.dropFirst(prefix.count)) : meant,
            of: provider,
            isOllama: table.isOllama(provider),
            known: known,
            models: models
        )
    }

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
            // The name under which most servers and routers tell it.
            model.memberIfPresent("context_length", profile.window)
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
            if let limit = profile.inputLimit { model.int(limit) } else { model.null() }
            model.key("max_tokens")
            if let limit = profile.outputLimit { model.int(limit) } else { model.null() }
            for name in ["capabilities", "line", "deprecated_at", "retires_at"] {
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
