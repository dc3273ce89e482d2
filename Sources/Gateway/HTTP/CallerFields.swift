package import Providers

/// The header fields of a request that the gateway itself acts on, gathered in one pass.
package struct CallerFields: Sendable {
    package var host: String?
    package var origin: String?
    package var authorization: String?
    package var xAPIKey: String?
    package var apiKey: String?
    package var contentType: String?
    package var contentEncoding: String?
    package var contentLength: Int?
    /// Whether the body comes in chunks, so that its length is not known.
    package var isChunked = false
    /// Whether a transfer coding is named that is not `chunked` alone, so that two readers may see two bodies (B9).
    package var hasOddCoding = false
    package var expectsContinue = false
    package var upgrade: String?
    package var accept: String?
    package var userAgent: String?
    package var anthropicVersion: String?
    package var provider: String?
    package var hops: String?
    /// Whether a proxy says that it forwards for somebody.
    package var isForwarded = false
    /// The name of a field that must stand once and stands twice.
    package var doubled: String?

    package init(_ fields: Fields) {
        fields.forEach { name, value in take(name, value) }
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 4 where name.isField("host"): set(\.host, value, name)
        case 6 where name.isField("origin"): set(\.origin, value, name)
        case 6 where name.isField("accept"): accept = value
        case 6 where name.isField("expect"): expectsContinue = value.isField("100-continue")
        case 7 where name.isField("api-key"): set(\.apiKey, value, name)
        case 7 where name.isField("upgrade"): upgrade = value
        case 9 where name.isField("x-api-key"): set(\.xAPIKey, value, name)
        case 9 where name.isField("forwarded") || name.isField("x-real-ip"): isForwarded = true
        case 10 where name.isField("x-provider"): set(\.provider, value, name)
        case 10 where name.isField("user-agent"): userAgent = value
        case 11 where name.isField("x-torii-hop"): set(\.hops, value, name)
        case 12 where name.isField("content-type"): set(\.contentType, value, name)
        case 13 where name.isField("authorization"): set(\.authorization, value, name)
        case 14 where name.isField("content-length"): contentLength = Int(value)
        case 16 where name.isField("content-encoding"): set(\.contentEncoding, value, name)
        case 17 where name.isField("anthropic-version"): anthropicVersion = value
        case 17 where name.isField("transfer-encoding"):
            hasOddCoding = isChunked || !value.isField("chunked")
            isChunked = true
        case 3 where name.isField("via"): isForwarded = true
        case 13...20 where name.beginsField("x-forwarded-"): isForwarded = true
        default: break
        }
    }

    private mutating func set(_ field: WritableKeyPath<CallerFields, String?>, _ value: String, _ name: String) {
        if self[keyPath: field] != nil, doubled == nil || name.isField("host") { doubled = name.lowercased() }
        self[keyPath: field] = value
    }
}

extension String {
    /// Whether the text is `name`, which is lower-case ASCII, but for the case of its letters.
    func isField(_ name: StaticString) -> Bool {
        guard utf8.count == name.utf8CodeUnitCount else { return false }
        var pointer = name.utf8Start
        for byte in utf8 {
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            guard lower == pointer.pointee else { return false }
            pointer += 1
        }
        return true
    }
}
