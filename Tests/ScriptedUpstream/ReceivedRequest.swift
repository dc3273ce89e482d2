/// One request as it came off the wire.
package struct ReceivedRequest: Sendable {
    /// Which connection it came on, counted from 0 in the order of acceptance.
    package let connection: Int
    /// The head's bytes, up to and with the empty line.
    package let head: [UInt8]
    /// The body's bytes as they came, a chunked one with its framing.
    package let body: [UInt8]

    package var headText: String { String(decoding: head, as: UTF8.self) }
    package var bodyText: String { String(decoding: body, as: UTF8.self) }
    package var method: String { startLine.first ?? "" }
    package var target: String { startLine.dropFirst().first ?? "" }

    /// The head's fields in their order, names in lower case.
    package var fields: [(name: String, value: String)] {
        headText.split(separator: "\r\n").dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
    }

    /// The first field of this name, which is given in lower case.
    package func field(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    private var startLine: [String] {
        headText.prefix { $0 != "\r\n" }.split(separator: " ").map(String.init)
    }
}

/// Cuts a connection's bytes into requests.
struct RequestCutter {
    private var bytes: [UInt8] = []

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// The next whole request.
    mutating func next(connection: Int) -> ReceivedRequest? {
        guard let headEnd = Self.end(of: "\r\n\r\n", in: bytes[...]) else { return nil }
        let head = ReceivedRequest(connection: connection, head: Array(bytes[..<headEnd]), body: [])
        let rest = bytes[headEnd...]
        let bodyEnd: Int?
        if head.field("transfer-encoding") != nil {
            bodyEnd = rest.starts(with: "0\r\n\r\n".utf8) ? headEnd + 5 : Self.end(of: "\r\n0\r\n\r\n", in: rest)
        } else {
            let end = headEnd + (head.field("content-length").flatMap { Int($0) } ?? 0)
            bodyEnd = end <= bytes.count ? end : nil
        }
        guard let bodyEnd else { return nil }
        let whole = ReceivedRequest(connection: connection, head: head.head, body: Array(bytes[headEnd..<bodyEnd]))
        bytes.removeFirst(bodyEnd)
        return whole
    }

    /// The head alone, if it is there.
    func head(connection: Int) -> ReceivedRequest? {
        guard let end = Self.end(of: "\r\n\r\n", in: bytes[...]) else { return nil }
        return ReceivedRequest(connection: connection, head: Array(bytes[..<end]), body: [])
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
