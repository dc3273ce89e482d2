import Dialects

/// A `Content-Encoding` that a request's body may have.
enum BodyCoding: String, Sendable, Hashable, CaseIterable {
    case gzip
    /// The zlib format (RFC 9110 section 8.4.1.2), not a bare deflate stream.
    case deflate
    case zstd

    /// Reads the field's value; nil for a body that is sent as it is.
    ///
    /// - Throws: `Refusal` 415, with `Accept-Encoding`, for a coding that is not known and for several in a row.
    static func read(_ value: String?) throws(Refusal) -> BodyCoding? {
        guard let value, !value.isField("identity"), !value.isEmpty else { return nil }
        if value.isField("x-gzip") { return .gzip }
        if let coding = allCases.first(where: { value.lowercased() == $0.rawValue }) { return coding }
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(.wrongEncoding, "The body's Content-Encoding has to be one of \(names), or none.")
            .with("accept-encoding", names)
    }

    func makeStream() -> any CodedStream {
        switch self {
        case .gzip: ZlibStream(format: .gzip)
        case .deflate: ZlibStream(format: .zlib)
        case .zstd: ZstdStream()
        }
    }
}
