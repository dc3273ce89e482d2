package import Inference
import JSON

/// The vectors of some texts, in the order of the texts.
package struct EmbeddingAnswer: Sendable, Hashable {
    /// All numbers are finite.
    package var vectors: [[Float]]
    /// Only `input` is ever known.
    package var usage: Usage?

    package init(vectors: [[Float]], usage: Usage? = nil) {
        self.vectors = vectors
        self.usage = usage
    }

    /// Reads a provider's whole body that came with a good status.
    ///
    /// - Throws: The failure that the body tells of, or `malformed` for one that does not hold a vector for each of
    ///   `count` texts.
    init(_ body: [UInt8], dialect: Dialect, count: Int) throws(InferenceError) {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(body).root } catch {
            throw Self.malformed("is not valid JSON: \(error.message)", at: error.offset, error.code.rawValue)
        }
        guard root.kind == .object else { throw Self.malformed("is no object", at: 0) }
        if let error = root["error"], !error.isNull { throw ErrorClassification.inBody(error, dialect: dialect) }
        vectors = dialect == .ollama ? try Self.ollama(root) : try Self.openAI(root, count: count)
        guard vectors.count == count else {
            throw Self.malformed("holds \(vectors.count) vectors for \(count) texts", at: 0, "no_answer")
        }
        if dialect == .ollama {
            usage = Usage(ollama: root)
        } else if let found = root["usage"], found.kind == .object {
            usage = Usage(chat: found)
        }
    }

    private static func ollama(_ root: JSONView) throws(InferenceError) -> [[Float]] {
        var vectors: [[Float]] = []
        for item in root.list("embeddings") { vectors.append(try vector(item)) }
        return vectors
    }

    /// In the order that `index` tells, which need not be that of the array.
    private static func openAI(_ root: JSONView, count: Int) throws(InferenceError) -> [[Float]] {
        var vectors: [[Float]?] = Array(repeating: nil, count: count)
        var place = 0
        for item in root.list("data") {
            let index = item["index"]?.int ?? place
            place += 1
            guard vectors.indices.contains(index), vectors[index] == nil, let found = item["embedding"] else {
                throw malformed("holds a vector that belongs to no text", at: item.offset)
            }
            vectors[index] = try vector(found)
        }
        return vectors.compactMap(\.self)
    }

    private static func vector(_ view: JSONView) throws(InferenceError) -> [Float] {
        if let text = view.utf8 {
            guard let numbers = FloatBytes.decode(base64: text), numbers.allSatisfy(\.isFinite) else {
                throw malformed("holds a vector that is no base64 of numbers", at: view.offset)
            }
            return numbers
        }
        var numbers: [Float] = []
        for element in view.elements {
            guard let number = element.double.map({ Float($0) }), number.isFinite else {
                throw malformed("holds a vector with something that is no number", at: element.offset)
            }
            numbers.append(number)
        }
        guard !numbers.isEmpty else { throw malformed("holds an empty vector", at: view.offset) }
        return numbers
    }

    private static func malformed(_ what: String, at offset: Int, _ detail: String = "wrong_type") -> InferenceError {
        InferenceError(.malformed, "The provider's body \(what).", detail: detail, offset: offset)
    }
}

extension EmbeddingAnswer {
    /// The body for a caller's endpoint; `model` is the name that the caller gave.
    package func bytes(for endpoint: Endpoint, model: String, encoding: EmbeddingRequest.Encoding) -> [UInt8] {
        var writer = JSONWriter(capacity: 256 + vectors.reduce(0) { $0 + $1.count } * 12)
        writer.object { writer in
            switch endpoint {
            case .ollamaEmbeddings:
                writer.key("embedding")
                Self.write(vectors.first ?? [], .float, into: &writer)
            case .ollamaEmbed: writeOllama(model, into: &writer)
            default: writeOpenAI(model, encoding, into: &writer)
            }
        }
        return writer.bytes
    }

    private func writeOllama(_ model: String, into writer: inout JSONWriter) {
        writer.member("model", model)
        writer.key("embeddings")
        writer.array { writer in
            for vector in vectors { Self.write(vector, .float, into: &writer) }
        }
        writer.member("total_duration", 0)
        writer.member("load_duration", 0)
        writer.memberIfPresent("prompt_eval_count", usage?.input)
    }

    private func writeOpenAI(_ model: String, _ encoding: EmbeddingRequest.Encoding, into writer: inout JSONWriter) {
        writer.member("object", "list")
        writer.key("data")
        writer.array { writer in
            for (index, vector) in vectors.enumerated() {
                writer.object { writer in
                    writer.member("object", "embedding")
                    writer.key("embedding")
                    Self.write(vector, encoding, into: &writer)
                    writer.member("index", index)
                }
            }
        }
        writer.member("model", model)
        // The clients need both numbers.
        writer.key("usage")
        writer.object { writer in
            writer.member("prompt_tokens", usage?.input ?? 0)
            writer.member("total_tokens", usage?.input ?? 0)
        }
    }

    /// The shortest digits that read back as the same 32-bit number, or its bytes.
    private static func write(
        _ vector: [Float],
        _ encoding: EmbeddingRequest.Encoding,
        into writer: inout JSONWriter
    ) {
        switch encoding {
        case .base64: writer.string(FloatBytes.base64(vector))
        case .float:
            writer.array { writer in
                for number in vector { writer.raw(number.description.utf8) }
            }
        }
    }
}
