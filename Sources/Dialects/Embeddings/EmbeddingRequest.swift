package import Inference
import JSON

/// What a caller of an embeddings endpoint wants, in no dialect's words.
package struct EmbeddingRequest: Sendable, Hashable {
    /// How the answer writes a vector.
    package enum Encoding: String, Sendable, Hashable, CaseIterable {
        /// An array of numbers.
        case float
        /// The numbers as 32-bit floats, the lowest byte first, in base64.
        case base64
    }

    package var model: String
    /// The texts; none at all asks Ollama to load the model.
    package var inputs: [String]
    /// How many numbers a vector has to have.
    package var dimensions: Int?
    package var encoding: Encoding
    /// Whether a text that is too long is cut; nil leaves it to the provider.
    package var truncate: Bool?
    package var serving: ServingOptions
    /// The caller's word for its user.
    package var user: String?
    /// What was left out and does not change the vectors, by the caller's names.
    package var dropped: [String]

    package init(
        model: String,
        inputs: [String],
        dimensions: Int? = nil,
        encoding: Encoding = .float,
        truncate: Bool? = nil,
        serving: ServingOptions = ServingOptions(),
        user: String? = nil,
        dropped: [String] = []
    ) {
        self.model = model
        self.inputs = inputs
        self.dimensions = dimensions
        self.encoding = encoding
        self.truncate = truncate
        self.serving = serving
        self.user = user
        self.dropped = dropped
    }

    /// Reads a body of `/v1/embeddings`, `/api/embed` or `/api/embeddings`.
    ///
    /// - Throws: `invalidRequest` with the field or the byte offset; tokens in place of text are refused by name,
    ///   because another provider's model has other tokens.
    package init(_ body: [UInt8], endpoint: Endpoint) throws(InferenceError) {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(body).root } catch { throw InferenceError(request: error) }
        guard root.kind == .object else { throw InferenceError(request: root.mismatch("an object")) }
        self.init(model: "", inputs: [])
        var dropped = DroppedNames()
        for member in root.members {
            try endpoint.dialect == .ollama
                ? readOllama(member.key, member.value, isFormer: endpoint == .ollamaEmbeddings, &dropped)
                : readOpenAI(member.key, member.value)
        }
        self.dropped = dropped.list
        guard !model.isEmpty else { throw InferenceError(request: root.missing("model")) }
        guard endpoint.dialect == .ollama || root["input"] != nil else {
            throw InferenceError(request: root.missing("input"))
        }
    }

    private mutating func readOpenAI(_ key: String, _ value: JSONView) throws(InferenceError) {
        switch key {
        case "model": model = try Ollama.text(value) ?? ""
        case "input":
            inputs = try Self.texts(value)
            guard !inputs.isEmpty else { throw Ollama.refusal(of: value, "must hold a text") }
        case "dimensions": dimensions = try Self.count(value)
        case "encoding_format":
            guard let word = try Ollama.text(value) else { return }
            guard let known = Encoding(rawValue: word) else {
                throw Ollama.refusal(of: value, "must be \"float\" or \"base64\"")
            }
            encoding = known
        case "user": user = try Ollama.text(value)
        default: try Self.refuse(key, value)
        }
    }

    private mutating func readOllama(
        _ key: String,
        _ value: JSONView,
        isFormer: Bool,
        _ dropped: inout DroppedNames
    ) throws(InferenceError) {
        switch (key, isFormer) {
        case ("model", _): model = try Ollama.text(value) ?? ""
        case ("input", false): inputs = try Self.texts(value)
        case ("prompt", true): inputs = try Ollama.text(value).map { $0.isEmpty ? [] : [$0] } ?? []
        case ("dimensions", false): dimensions = try Self.count(value)
        case ("truncate", false): truncate = try Ollama.flag(value)
        case ("keep_alive", _): serving.keepAlive = try Ollama.duration(value)
        case ("options", _):
            guard let options = try Ollama.object(value) else { return }
            for (name, value) in options.members where !value.isNull {
                // No other option has a say in what a text's vector is.
                guard name == "num_ctx" else {
                    dropped.insert("options.\(name)")
                    continue
                }
                serving.contextLength = try Ollama.integer(value).flatMap { $0 > 0 ? $0 : nil }
            }
        default: try Self.refuse(key, value)
        }
    }

    /// One text or several; an empty text alone is none, as Ollama has it.
    private static func texts(_ value: JSONView) throws(InferenceError) -> [String] {
        if let text = value.string { return text.isEmpty ? [] : [text] }
        guard let list = try Ollama.array(value) else { return [] }
        var texts: [String] = []
        for item in list.elements {
            if let text = item.string {
                texts.append(text)
            } else if item.kind == .number || item.kind == .array {
                throw InferenceError(
                    .invalidRequest,
                    "input holds tokens, which mean nothing to a provider of another dialect; send text.",
                    field: "input",
                    detail: "unsupported_by_provider",
                    offset: item.offset
                )
            } else {
                throw InferenceError(request: item.mismatch("a string"))
            }
        }
        return texts
    }

    private static func count(_ value: JSONView) throws(InferenceError) -> Int? {
        guard let count = try Ollama.integer(value) else { return nil }
        guard count >= 0 else { throw Ollama.refusal(of: value, "must not be negative") }
        return count == 0 ? nil : count
    }

    private static func refuse(_ key: String, _ value: JSONView) throws(InferenceError) {
        guard !value.isNull else { return }
        throw InferenceError(
            .invalidRequest,
            "The member \(key) cannot be sent to a provider of another dialect.",
            field: key,
            detail: "unsupported_by_provider",
            offset: value.offset
        )
    }
}
