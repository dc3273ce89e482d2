/// A response as it came off the wire, cut out of a connection's bytes.
struct RawAnswer: Sendable {
    var status: Int
    var version: String
    /// In their order, names in lower case.
    var fields: [(name: String, value: String)]
    /// Without its framing.
    var body: [UInt8]

    var bodyText: String { String(decoding: body, as: UTF8.self) }

    /// The first field of this name, which is given in lower case.
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The names of all fields.
    var names: Set<String> { Set(fields.map(\.name)) }

    enum Cut {
        case whole(RawAnswer, bytes: Int)
        case unfinished
    }

    /// Cuts the first response off the bytes of a connection.
    ///
    /// The end of the connection ends a body without a length; the response to a `HEAD` never has a body.
    static func cut(_ bytes: ArraySlice<UInt8>, isClosed: Bool, toHead: Bool = false) -> Cut {
        guard let headEnd = end(of: "\r\n\r\n", in: bytes) else { return .unfinished }
        var answer = head(bytes[..<headEnd])
        let rest = bytes[headEnd...]
        if toHead || answer.status < 200 || answer.status == 204 {
            return .whole(answer, bytes: headEnd - bytes.startIndex)
        }
        var used: Int
        if answer.field("transfer-encoding") == "chunked" {
            guard let (body, end) = unchunk(rest) else { return .unfinished }
            answer.body = body
            used = end
        } else if let length = answer.field("content-length").flatMap({ Int($0) }) {
            guard rest.count >= length else { return .unfinished }
            answer.body = Array(rest.prefix(length))
            used = headEnd + length
        } else {
            guard isClosed else { return .unfinished }
            answer.body = Array(rest)
            used = bytes.endIndex
        }
        used -= bytes.startIndex
        return .whole(answer, bytes: used)
    }

    /// What has come of a body in chunks, its last chunk or not.
    static func partOfChunkedBody(_ bytes: [UInt8]) -> String {
        guard var at = end(of: "\r\n\r\n", in: bytes[...]) else { return "" }
        var body: [UInt8] = []
        while let lineEnd = end(of: "\r\n", in: bytes[at...]),
            let size = Int(String(decoding: bytes[at..<(lineEnd - 2)], as: UTF8.self), radix: 16), size > 0
        {
            body += bytes[lineEnd..<min(lineEnd + size, bytes.count)]
            at = min(lineEnd + size + 2, bytes.count)
        }
        return String(decoding: body, as: UTF8.self)
    }

    private static func head(_ bytes: ArraySlice<UInt8>) -> RawAnswer {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let start = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        let fields = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let status = start.count > 1 ? Int(start[1]) ?? 0 : 0
        return RawAnswer(status: status, version: String(start.first ?? ""), fields: fields, body: [])
    }

    private static func unchunk(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], end: Int)? {
        var at = bytes.startIndex
        var body: [UInt8] = []
        while let lineEnd = end(of: "\r\n", in: bytes[at...]) {
            guard let size = Int(String(decoding: bytes[at..<(lineEnd - 2)], as: UTF8.self), radix: 16) else {
                return nil
            }
            let next = lineEnd + size + 2
            guard next <= bytes.endIndex else { return nil }
            if size == 0 { return (body, next) }
            body += bytes[lineEnd..<(lineEnd + size)]
            at = next
        }
        return nil
    }

    private static func end(of mark: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return nil }
        for start in bytes.startIndex...(bytes.endIndex - mark.count)
        where bytes[start] == mark[0] && bytes[start..<(start + mark.count)].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }
}
