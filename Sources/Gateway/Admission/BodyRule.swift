import Dialects

/// What a request's body has to be before a byte of it is held.
struct BodyRule {
    let limit: Int

    /// Checks the head's claims about the body.
    ///
    /// `takesAnyType` lets any `Content-Type` pass, because Ollama's clients send what their libraries put there.
    ///
    /// - Throws: `Refusal` 413 for a length over the limit, 415 for another type or character set than plain JSON,
    ///   403 for a web page's request that only its type would have stopped (B17).
    func check(_ fields: CallerFields, takesAnyType: Bool = false, site: String? = nil) throws(Refusal) {
        if let length = fields.contentLength, length > limit { throw tooLarge }
        guard !fields.isPlainJSON, let type = fields.contentType else { return }
        if takesAnyType { return try refusePage(site) }
        let parts = type.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        let isJSON = parts.first == "application/json" || (parts.first?.hasSuffix("+json") ?? false)
        let isUnicode = parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0 == "charset=utf-8" || $0 == "charset=\"utf-8\""
        }
        guard isJSON, isUnicode else {
            throw Refusal(.wrongContentType, "The body must be JSON in UTF-8: send Content-Type: application/json.")
        }
    }

    /// A form or a plain text needs no preflight, so that any page could send one; browsers say where theirs come from.
    private func refusePage(_ site: String?) throws(Refusal) {
        guard let site, !site.isField("none"), !site.isField("same-origin") else { return }
        throw Refusal(.forbidden, "Web pages have to send Content-Type: application/json.")
    }

    /// The answer to a body that grew over the limit.
    var tooLarge: Refusal {
        Refusal(.bodyTooLarge, "The request's body is larger than \(limit) bytes.").closing()
    }
}
