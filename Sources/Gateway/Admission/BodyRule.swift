import Dialects

/// What a request's body has to be before a byte of it is held.
struct BodyRule {
    let limit: Int

    /// Checks the head's claims about the body.
    ///
    /// - Throws: `Refusal` 413 for a length over the limit, 415 for another type, character set or coding than plain JSON.
    func check(_ fields: CallerFields) throws(Refusal) {
        if let length = fields.contentLength, length > limit { throw tooLarge }
        if let coding = fields.contentEncoding, !coding.isField("identity") {
            throw Refusal(.wrongEncoding, "Compressed request bodies are not taken. Send it without Content-Encoding.")
        }
        guard !fields.isPlainJSON, let type = fields.contentType else { return }
        let parts = type.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        let isJSON = parts.first == "application/json" || (parts.first?.hasSuffix("+json") ?? false)
        let isUnicode = parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0 == "charset=utf-8" || $0 == "charset=\"utf-8\""
        }
        guard isJSON, isUnicode else {
            throw Refusal(.wrongContentType, "The body must be JSON in UTF-8: send Content-Type: application/json.")
        }
    }

    /// The answer to a body that grew over the limit.
    var tooLarge: Refusal {
        Refusal(.bodyTooLarge, "The request's body is larger than \(limit) bytes.").closing()
    }
}
