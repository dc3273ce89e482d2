import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// What rules may ask of a body, read from where its members stand and without reading them.
struct RequestTraits {
    private(set) var hasTools = false
    private(set) var hasImages = false
    /// Pictures, as far as they can be told from what surrounds them.
    private(set) var images = 0
    /// An estimate of the prompt: a token for each four bytes of the body, and a thousand for an image.
    private(set) var tokens = 0
    /// A hash of the first name that the request has for its session.
    private(set) var session: UInt64?

    static let bytesPerToken = 4
    private static let tokensPerImage = 1_000
    /// The names that agents have for the field, the commonest first.
    private static let sessionFields = [
        "session-id", "session_id", "x-claude-code-session-id", "x-session-id", "x-session-affinity",
    ]

    init(_ facts: RequestFacts, in body: ByteBuffer, fields: Fields) {
        body.withUnsafeReadableBytes { bytes in
            var members = Members()
            for member in facts.index.members { members.take(member, facts.index, bytes) }
            hasTools = members.tools.map { Self.isFilled($0, bytes) } ?? false
            let images = ImageSearch.of(facts.endpoint.dialect)
            hasImages = members.images.map { Self.isFilled($0, bytes) } ?? false
            for talk in members.talk where !hasImages {
                hasImages = images.finds(in: UnsafeRawBufferPointer(rebasing: bytes[talk]))
            }
            tokens = bytes.count / Self.bytesPerToken
            if hasImages {
                let data = ImageSearch.data(in: bytes)
                self.images = max(1, data.count)
                tokens = (bytes.count - data.bytes) / Self.bytesPerToken + self.images * Self.tokensPerImage
            }
            session =
                members.cacheKey.map { RouteHash.of(bytes[$0]) } ?? Self.session(fields)
                ?? members.previous.map { RouteHash.of(bytes[$0]) }
        }
    }

    /// Whether a body may ask for a part of its prompt to be kept in a cache for an hour, which Messages says by `"ttl":"1h"`.
    static func mayKeepForAnHour(_ body: ByteBuffer) -> Bool {
        body.withUnsafeReadableBytes { bytes in
            var end = 3
            while end < bytes.count {
                // How far to go on from a byte that stands where `"1h"` would end (Horspool).
                switch bytes[end] {
                case UInt8(ascii: "\""):
                    if bytes[(end - 3)...end].elementsEqual(#""1h""#.utf8) { return true }
                    end += 3
                case UInt8(ascii: "h"): end += 1
                case UInt8(ascii: "1"): end += 2
                default: end += 4
                }
            }
            return mayEscapeAnHour(bytes)
        }
    }

    /// Whether a character of `1h` is written as an escape somewhere: what that says is not read then.
    private static func mayEscapeAnHour(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[(start + 1)...]
            guard rest.first == UInt8(ascii: "u") else { continue }
            let digits = rest.dropFirst().prefix(4)
            if digits.elementsEqual("0031".utf8) || digits.elementsEqual("0068".utf8) { return true }
        }
        return false
    }

    private static func session(_ fields: Fields) -> UInt64? {
        for name in sessionFields {
            let hash: UInt64? = fields.field(name) { $0.value.isEmpty ? 0 : RouteHash.of($0.value) }
            if let hash, hash != 0 { return hash }
        }
        return nil
    }

    /// Whether a list holds anything.
    private static func isFilled(_ list: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        list.count > 2 && bytes[list.dropFirst().dropLast()].contains { $0 > 0x20 }
    }

    /// Where the values stand that matter.
    private struct Members {
        var tools: Range<Int>?
        var talk: [Range<Int>] = []
        /// Of Ollama's `generate`.
        var images: Range<Int>?
        var cacheKey: Range<Int>?
        var previous: Range<Int>?

        mutating func take(_ member: JSONIndex.Member, _ index: JSONIndex, _ bytes: UnsafeRawBufferPointer) {
            let key = bytes[member.key]
            switch member.kind {
            case .array where Self.isNamed(key, "tools") || Self.isNamed(key, "functions"): tools = member.value
            case .array where Self.isNamed(key, "messages") || Self.isNamed(key, "input"): talk.append(member.value)
            case .array where Self.isNamed(key, "images"): images = member.value
            case .string where member.value.count > 2 && Self.isNamed(key, "prompt_cache_key"): cacheKey = member.value
            case .string where member.value.count > 2 && Self.isNamed(key, "previous_response_id"):
                previous = member.value
            default: break
            }
        }

        private static func isNamed(_ key: Slice<UnsafeRawBufferPointer>, _ name: StaticString) -> Bool {
            key.count == name.utf8CodeUnitCount
                && key.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }
    }
}
