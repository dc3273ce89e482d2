import JSON
import Providers

/// The answer to `GET /v1/models`: one body that OpenAI's and Anthropic's clients both understand.
struct ModelList {
    let bytes: [UInt8]

    init(_ table: RoutingTable) {
        let models = table.models
        var writer = JSONWriter(capacity: 256 + 160 * models.count)
        writer.object { list in
            list.member("object", "list")
            list.key("data")
            list.array { array in
                for (name, provider) in models {
                    array.object { model in
                        model.member("id", name)
                        model.member("object", "model")
                        model.member("created", 0)
                        model.member("owned_by", provider.name)
                        model.member("type", "model")
                        model.member("display_name", name)
                        model.member("created_at", "1970-01-01T00:00:00Z")
                    }
                }
            }
            list.member("has_more", false)
            list.memberIfPresent("first_id", models.first?.name)
            list.memberIfPresent("last_id", models.last?.name)
        }
        bytes = writer.bytes
    }
}
