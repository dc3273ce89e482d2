/// Whole answers in HTTP/1.1, as steps.
package enum Answer {
    /// A head and a body with its length.
    package static func whole(
        _ status: Int = 200,
        fields: [(String, String)] = [],
        body: String = "",
        contentType: String = "application/json"
    ) -> Step {
        let all = [("content-type", contentType)] + fields + [("content-length", "\(body.utf8.count)")]
        return .write(head(status, all) + body)
    }

    package static func json(_ body: String, status: Int = 200, fields: [(String, String)] = []) -> [Step] {
        [whole(status, fields: fields, body: body)]
    }

    /// A head whose body follows in chunks; see `chunk` and `lastChunk`.
    package static func chunkedHead(
        _ status: Int = 200,
        contentType: String = "text/event-stream",
        fields: [(String, String)] = []
    ) -> Step {
        .write(head(status, [("content-type", contentType)] + fields + [("transfer-encoding", "chunked")]))
    }

    package static func chunk(_ text: String) -> Step {
        .write("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    package static let lastChunk = Step.write("0\r\n\r\n")

    /// A whole chunked stream, one chunk and one write for each piece.
    package static func stream(
        _ pieces: [String],
        contentType: String = "text/event-stream",
        fields: [(String, String)] = []
    ) -> [Step] {
        [chunkedHead(contentType: contentType, fields: fields)] + pieces.map(chunk) + [lastChunk]
    }

    package static func head(_ status: Int, _ fields: [(String, String)]) -> String {
        "HTTP/1.1 \(status) Scripted\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }
}
