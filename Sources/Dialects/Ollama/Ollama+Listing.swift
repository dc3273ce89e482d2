package import Inference
import JSON

extension Ollama {
    /// A model as Ollama's lists tell of it.
    package struct Model: Sendable, Hashable {
        /// The name that a request has to give.
        package var name: String
        /// The kind of model, such as `llama`; the provider's name where nobody tells.
        package var family: String
        /// As RFC 3339 writes a time; nil where the provider does not tell.
        package var modifiedAt: String?
        /// Bytes; nil where the provider does not tell, as hosted ones never do.
        package var size: Int?
        /// SHA-256 in hexadecimal digits.
        package var digest: String?
        /// The most tokens of context.
        package var contextLength: Int?
        /// How many numbers an embedding has.
        package var embeddingLength: Int?
        /// Ollama's words: `completion`, `tools`, `vision`, `thinking`, `embedding`, `insert`.
        package var capabilities: [String]
        /// Such as `20.9B`.
        package var parameterSize: String
        /// Such as `MXFP4`.
        package var quantization: String

        package init(
            name: String,
            family: String,
            modifiedAt: String? = nil,
            size: Int? = nil,
            digest: String? = nil,
            contextLength: Int? = nil,
            embeddingLength: Int? = nil,
            capabilities: [String] = ["completion", "tools"],
            parameterSize: String = "",
            quantization: String = ""
        ) {
            self.name = name
            self.family = family
            self.modifiedAt = modifiedAt
            self.size = size
            self.digest = digest
            self.contextLength = contextLength
            self.embeddingLength = embeddingLength
            self.capabilities = capabilities
            self.parameterSize = parameterSize
            self.quantization = quantization
        }
    }

    /// The body of `/api/tags`.
    package static func tags(_ models: [Model]) -> [UInt8] {
        list(models) { model, writer in
            writer.member("modified_at", model.modifiedAt ?? timestamp(0))
            writeDetails(model, into: &writer)
            writer.member("capabilities", model.capabilities)
        }
    }

    /// The body of `/api/ps`: what is ready to answer, with the time until which it stays so, in seconds since 1970.
    package static func running(_ models: [Model], until expiry: Int) -> [UInt8] {
        list(models) { model, writer in
            writeDetails(model, into: &writer)
            writer.member("expires_at", timestamp(expiry))
            writer.member("size_vram", model.size ?? 0)
            writer.member("context_length", model.contextLength ?? 0)
        }
    }

    /// The body of `/api/show`.
    package static func show(_ model: Model) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            for name in ["license", "modelfile", "parameters", "template"] { writer.member(name, "") }
            writeDetails(model, into: &writer)
            writer.key("model_info")
            writer.object { writer in
                writer.member("general.architecture", model.family)
                writer.member("general.basename", model.name)
                writer.memberIfPresent("\(model.family).context_length", model.contextLength)
                writer.memberIfPresent("\(model.family).embedding_length", model.embeddingLength)
            }
            writer.member("capabilities", model.capabilities)
            writer.member("modified_at", model.modifiedAt ?? timestamp(0))
        }
        return writer.bytes
    }

    /// The body of `/api/version`.
    package static func versionBody(_ version: String = Ollama.version) -> [UInt8] {
        JSONValue.object(["version": .string(version)]).bytes
    }

    /// The model that a body for `/api/show` or `/api/pull` names, by the present member or the former one.
    package static func modelName(in body: [UInt8]) throws(InferenceError) -> String {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(body).root } catch { throw InferenceError(request: error) }
        guard root.kind == .object else { throw InferenceError(request: root.mismatch("an object")) }
        for key in ["model", "name"] {
            guard let value = root[key], let name = try text(value), !name.isEmpty else { continue }
            return name
        }
        throw InferenceError(request: root.missing("model"))
    }

    /// The error for a model that nobody has, in Ollama's own words, which its clients look for.
    package static func modelNotFound(_ name: String) -> InferenceError {
        InferenceError(.modelNotFound, "model '\(name)' not found", field: "model")
    }

    private static func list(
        _ models: [Model],
        _ body: (Model, inout JSONWriter) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + models.count * 384)
        writer.object { writer in
            writer.key("models")
            writer.array { writer in
                for model in models {
                    writer.object { writer in
                        writer.member("name", model.name)
                        writer.member("model", model.name)
                        writer.member("size", model.size ?? 0)
                        // Ollama's command line cuts twelve digits off without asking whether there are any.
                        writer.member("digest", model.digest ?? String(repeating: "0", count: 64))
                        body(model, &writer)
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func writeDetails(_ model: Model, into writer: inout JSONWriter) {
        writer.key("details")
        writer.object { writer in
            writer.member("parent_model", "")
            writer.member("format", "")
            writer.member("family", model.family)
            writer.member("families", [model.family])
            writer.member("parameter_size", model.parameterSize)
            writer.member("quantization_level", model.quantization)
            writer.memberIfPresent("context_length", model.contextLength)
            writer.memberIfPresent("embedding_length", model.embeddingLength)
        }
    }
}
