package import Providers

/// The header fields of a request that the gateway itself acts on, found in one pass.
///
/// Only where they stand is kept; a value becomes a string when it is asked for.
package struct CallerFields: Sendable {
    private let fields: Fields
    private var places = Places()
    package private(set) var contentLength: Int?
    /// Whether the body comes in chunks, so that its length is not known.
    package private(set) var isChunked = false
    package private(set) var expectsContinue = false
    /// Whether a proxy says that it forwards for somebody.
    package private(set) var isForwarded = false
    /// The name of a field that must stand once and stands twice.
    package private(set) var doubled: String?

    /// Where each field stands; -1 where it does not.
    private struct Places {
        var host = -1
        var origin = -1
        var authorization = -1
        var xAPIKey = -1
        var apiKey = -1
        var contentType = -1
        var contentEncoding = -1
        var upgrade = -1
        var userAgent = -1
        var anthropicVersion = -1
        var provider = -1
        var hops = -1
        var timeout = -1
    }

    package init(_ fields: Fields) {
        self.fields = fields
        var place = 0
        fields.forEachField { field in
            take(field, place)
            place += 1
        }
    }

    package var host: String? { text(places.host) }
    package var origin: String? { text(places.origin) }
    /// The token of `Authorization: Bearer`; nil for another scheme and for none.
    package var bearer: String? {
        guard places.authorization >= 0 else { return nil }
        return fields.withField(at: places.authorization) { field in
            let scheme = "bearer ".utf8.count
            guard field.value.count > scheme, field.valueBegins("bearer ") else { return nil }
            return String(decoding: field.value[scheme...], as: UTF8.self)
        }
    }
    package var xAPIKey: String? { text(places.xAPIKey) }
    package var apiKey: String? { text(places.apiKey) }
    package var contentType: String? { text(places.contentType) }
    package var contentEncoding: String? { text(places.contentEncoding) }
    package var upgrade: String? { text(places.upgrade) }
    package var userAgent: String? { text(places.userAgent) }
    /// The program that asks.
    package var program: ClientProgram {
        places.userAgent < 0 ? .other : fields.withField(at: places.userAgent) { ClientProgram($0) }
    }
    package var anthropicVersion: String? { text(places.anthropicVersion) }
    package var provider: String? { text(places.provider) }
    package var hops: String? { text(places.hops) }
    package var timeout: String? { text(places.timeout) }

    /// Whether a credential has the form of a key that was issued.
    var namesIssuedKey: Bool { [bearer, xAPIKey, apiKey].contains { $0.flatMap { KeyText($0[...]) } != nil } }

    /// Whether the body is said to be `application/json`, without a parameter.
    package var isPlainJSON: Bool {
        places.contentType >= 0 && fields.withField(at: places.contentType) { $0.isValue("application/json") }
    }

    private func text(_ place: Int) -> String? {
        place < 0 ? nil : fields.withField(at: place) { $0.valueText }
    }

    private mutating func take(_ field: Field, _ place: Int) {
        switch field.name.count {
        case 3 where field.isNamed("via"): isForwarded = true
        case 4 where field.isNamed("host"): Self.set(&places.host, place, field, &doubled)
        case 6 where field.isNamed("origin"): Self.set(&places.origin, place, field, &doubled)
        case 6 where field.isNamed("expect"): expectsContinue = field.isValue("100-continue")
        case 7 where field.isNamed("api-key"): Self.set(&places.apiKey, place, field, &doubled)
        case 7 where field.isNamed("upgrade"): places.upgrade = place
        case 9 where field.isNamed("x-api-key"): Self.set(&places.xAPIKey, place, field, &doubled)
        case 9 where field.isNamed("forwarded") || field.isNamed("x-real-ip"): isForwarded = true
        case 10 where field.isNamed("x-provider"): Self.set(&places.provider, place, field, &doubled)
        case 10 where field.isNamed("user-agent"): places.userAgent = place
        case 11 where field.isNamed("x-torii-hop"): Self.set(&places.hops, place, field, &doubled)
        case 12 where field.isNamed("content-type"): Self.set(&places.contentType, place, field, &doubled)
        case 13 where field.isNamed("authorization"): Self.set(&places.authorization, place, field, &doubled)
        case 14 where field.isNamed("content-length"): contentLength = Int(field.valueText)
        case 15 where field.isNamed("x-torii-timeout"): Self.set(&places.timeout, place, field, &doubled)
        case 16 where field.isNamed("content-encoding"): Self.set(&places.contentEncoding, place, field, &doubled)
        case 17 where field.isNamed("anthropic-version"): places.anthropicVersion = place
        case 17 where field.isNamed("transfer-encoding"): isChunked = true
        case 13...20 where field.nameBegins("x-forwarded-"): isForwarded = true
        default: break
        }
    }

    /// Notes a field that may stand once.
    private static func set(_ wanted: inout Int, _ place: Int, _ field: Field, _ doubled: inout String?) {
        if wanted >= 0, doubled == nil || field.isNamed("host") { doubled = field.nameText.lowercased() }
        wanted = place
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
