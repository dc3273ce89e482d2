/// The target of a request for one model, whose name may hold slashes and comes escaped from some clients.
///
/// The name is only looked up and never becomes a part of another path, so that it may hold what a path must not.
struct ModelPath {
    private static let prefix = "/v1/models/"

    /// The model's name, unescaped.
    let name: String

    /// Reads a target; nil for one of another route, or whose name is no text.
    init?(_ target: String) {
        guard target.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let rest = target.utf8.dropFirst(Self.prefix.utf8.count).prefix { $0 != UInt8(ascii: "?") }
        self.init(escaped: Substring(rest))
    }

    /// Reads a name as it stands in a target.
    init?(escaped text: Substring) {
        let rest = text.utf8
        guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }),
            let bytes = Self.unescaped(Array(rest)), let name = String(validating: bytes, as: UTF8.self),
            !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        self.name = name
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            if text[at] != UInt8(ascii: "%") {
                bytes.append(text[at])
                at += 1
                continue
            }
            guard at + 2 < text.count, let high = digit(text[at + 1]), let low = digit(text[at + 2]) else { return nil }
            bytes.append(high << 4 | low)
            at += 3
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x57
        default: nil
        }
    }
}
