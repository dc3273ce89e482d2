/// A body's tag (RFC 9110 section 8.8.3): the same for the same bytes, in every process.
struct EntityTag {
    let text: String

    /// FNV-1a over the bytes: it tells changes apart, and is no proof against somebody who makes them.
    init(of bytes: [UInt8]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        text = "\"\(String(hash, radix: 16))\""
    }

    /// Whether an `If-None-Match` field names the tag.
    func isNamed(in field: String?) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { part in
            let tag = part.drop { $0 == " " }.prefix { $0 != " " }
            return tag == "*" || tag == text || tag == "W/\(text)"
        }
    }
}
