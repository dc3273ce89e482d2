/// The bytes of a request, put together as a test says.
enum RawRequest {
    /// A `POST` with a JSON body and its length; `fields` come behind the usual ones.
    static func post(
        _ path: String,
        _ body: String,
        fields: [(String, String)] = [],
        contentType: String? = "application/json",
        host: String? = "localhost",
        version: String = "1.1"
    ) -> String {
        var all: [(String, String)] = []
        if let host { all.append(("Host", host)) }
        if let contentType { all.append(("Content-Type", contentType)) }
        all.append(("Content-Length", "\(body.utf8.count)"))
        return head("POST", path, all + fields, version: version) + body
    }

    static func get(_ path: String, fields: [(String, String)] = [], host: String? = "localhost") -> String {
        head("GET", path, (host.map { [("Host", $0)] } ?? []) + fields)
    }

    static func head(
        _ method: String,
        _ path: String,
        _ fields: [(String, String)],
        version: String = "1.1"
    ) -> String {
        "\(method) \(path) HTTP/\(version)\r\n" + fields.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n"
    }
}
