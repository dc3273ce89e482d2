/// A key that somebody has pressed.
enum TopKey: Sendable, Hashable {
    case character(Character)
    case enter, escape, backspace
    /// Ctrl-C.
    case interrupt

    /// Reads what a terminal sends; keys without a meaning here, such as arrows, are left out.
    static func all(in bytes: [UInt8]) -> [TopKey] {
        var keys: [TopKey] = []
        var rest = bytes[...]
        while let byte = rest.first {
            switch byte {
            case 0x1B:
                let count = sequenceLength(rest)
                if count == 1 { keys.append(.escape) }
                rest = rest.dropFirst(count)
            case 0x20..<0x7F, 0x80...0xFF:
                let text = rest.prefix { $0 >= 0x20 && $0 != 0x7F }
                for character in String(decoding: text, as: UTF8.self) where character != "\u{FFFD}" {
                    keys.append(.character(character))
                }
                rest = rest.dropFirst(text.count)
            default:
                if let key = control(byte) { keys.append(key) }
                rest = rest.dropFirst()
            }
        }
        return keys
    }

    private static func control(_ byte: UInt8) -> TopKey? {
        switch byte {
        case 0x03: .interrupt
        case 0x08, 0x7F: .backspace
        case 0x0A, 0x0D: .enter
        default: nil
        }
    }

    /// How many bytes an escape sequence has; one for the key itself.
    private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int {
        guard let second = bytes.dropFirst().first else { return 1 }
        switch second {
        case UInt8(ascii: "["):
            let parameters = bytes.dropFirst(2).prefix { !(0x40...0x7E).contains($0) }
            return min(bytes.count, parameters.count + 3)
        case UInt8(ascii: "O"): return min(bytes.count, 3)
        default: return 1
        }
    }
}
