import JSON
import Providers

/// What the gateway tells Ollama's clients of its models.
enum OllamaLists {
    /// `GET /api/version`: the version of Ollama whose routes are served here; clients ask for it to know what they may use.
    static var version: [UInt8] {
        var writer = JSONWriter()
        writer.object { $0.member("version", "0.33.0") }
        return writer.bytes
    }

    /// `GET /api/tags`, with what each provider tells of its models; what nobody tells is empty, as clients want every
    /// member to be there.
    static func tags(_ models: [(name: String, provider: String)], _ directory: ModelDirectory) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + 320 * models.count)
        writer.object { list in
            list.key("models")
            list.array { array in
                for (name, provider) in models {
                    let known = directory.catalogModel(name, of: provider)
                    array.object { model in
                        model.member("name", name)
                        model.member("model", name)
                        model.member("modified_at", date(known?.changed))
                        model.member("size", known?.size ?? 0)
                        model.member("digest", "")
                        writeDetails(known, into: &model)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// `POST /api/show` for a model that is no Ollama's.
    static func shown(_ known: CatalogModel?) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { model in
            model.member("modelfile", "")
            model.member("parameters", "")
            model.member("template", "")
            writeDetails(known, into: &model)
            model.key("model_info")
            model.object { writer in
                guard let length = known?.contextLength else { return }
                let family = known?.family ?? "model"
                writer.member("general.architecture", family)
                writer.member("\(family).context_length", length)
            }
            model.key("capabilities")
            model.array { writer in
                for word in ["completion", "tools"] { writer.string(word) }
            }
            model.member("modified_at", date(known?.changed))
        }
        return writer.bytes
    }

    private static func writeDetails(_ known: CatalogModel?, into writer: inout JSONWriter) {
        writer.key("details")
        writer.object { details in
            details.member("parent_model", "")
            details.member("format", "")
            details.member("family", known?.family ?? "")
            details.key("families")
            details.array { if let family = known?.family { $0.string(family) } }
            details.member("parameter_size", known?.parameters ?? "")
            details.member("quantization_level", known?.quantisation ?? "")
        }
    }

    /// A date as it came, if it is one and not a number of seconds.
    private static func date(_ text: String?) -> String {
        guard let text, text.contains("T") else { return "1970-01-01T00:00:00Z" }
        return text
    }
}

extension ModelDirectory {
    /// What a provider tells of a model, under its own name or behind the provider's.
    func catalogModel(_ name: String, of provider: String) -> CatalogModel? {
        let plain = name.hasPrefix("\(provider)/") ? String(name.dropFirst(provider.count + 1)) : name
        let catalog = answers[provider]?.catalog ?? []
        return catalog.first { $0.name == plain || $0.name == "\(plain):latest" }
    }
}
