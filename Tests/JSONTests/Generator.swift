import JSON

/// A seeded source of values and texts: the same seed makes the same ones everywhere.
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func oneIn(_ chances: Int) -> Bool { below(chances) == 0 }

    mutating func value(depth: Int = 0) -> JSONValue {
        switch below(depth < 5 ? 9 : 6) {
        case 0: .null
        case 1: .bool(oneIn(2))
        case 2: .number(JSONNumber(Int(truncatingIfNeeded: next()) >> below(64)))
        case 3: JSONNumber(Double(bitPattern: next())).map { .number($0) } ?? .null
        case 4, 5: .string(string())
        case 6: .array((0..<below(6)).map { _ in value(depth: depth + 1) })
        default: .object(object(depth: depth))
        }
    }

    mutating func object(depth: Int = 0) -> JSONObject {
        var object = JSONObject()
        let count = oneIn(20) ? 40 : 6
        for _ in 0..<below(count) { object[string()] = value(depth: depth + 1) }
        return object
    }

    /// Mostly short, sometimes longer than two blocks; every kind of character occurs.
    mutating func string() -> String {
        var text = ""
        for _ in 0..<below([4, 12, 20, 80, 300][below(5)]) {
            let scalar: UInt32 =
                switch below(12) {
                case 0: UInt32(below(0x20))
                case 1: [0x22, 0x5C, 0x2F, 0x7F][below(4)]
                case 2: UInt32(below(0x800))
                case 3: [0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF, 0x2028][below(8)]
                case 4: UInt32(below(0x110000))
                default: UInt32(0x61 + below(26))
                }
            if let scalar = Unicode.Scalar(scalar) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    /// A value's text with white space and escapes where the grammar allows them.
    mutating func text(of value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let members = object.members.map { quoted($0.key) + space() + ":" + space() + text(of: $0.value) }
            return "{" + space() + members.joined(separator: space() + "," + space()) + space() + "}"
        case .array(let elements):
            let texts = elements.map { text(of: $0) }
            return "[" + space() + texts.joined(separator: space() + "," + space()) + space() + "]"
        case .string(let string): return quoted(string)
        default: return String(decoding: value.bytes, as: UTF8.self)
        }
    }

    mutating func space() -> String {
        oneIn(4) ? String((0..<below(4)).map { _ in [" ", "\t", "\n", "\r"][below(4)] as Character }) : ""
    }

    mutating func quoted(_ string: String) -> String {
        var result = "\""
        for scalar in string.unicodeScalars {
            let short = ["\"": "\"", "\\": "\\", "\n": "n", "\r": "r", "\t": "t", "\u{8}": "b", "\u{C}": "f", "/": "/"]
            let must = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if must || oneIn(12) {
                if let letter = short[String(scalar)], oneIn(2) {
                    result += "\\" + letter
                } else {
                    for unit in String(scalar).utf16 {
                        let digits = String(unit, radix: 16, uppercase: oneIn(2))
                        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    }
                }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The text with one to three bytes changed, inserted, removed or copied from elsewhere.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let telling =
            Array("\"\\{}[]:,0-.eEu/ \ntfn".utf8) + [0, 0x1F, 0x7F, 0x80, 0xBF, 0xC0, 0xE0, 0xED, 0xF0, 0xF4, 0xFF]
        for _ in 0..<1 + below(3) where !bytes.isEmpty {
            let place = below(bytes.count)
            let byte = oneIn(3) ? UInt8(truncatingIfNeeded: next()) : telling[below(telling.count)]
            switch below(5) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(byte, at: place)
            case 2: bytes[place] ^= 1 << UInt8(below(8))
            case 3: bytes.insert(contentsOf: bytes[place..<min(place + below(12), bytes.count)], at: below(bytes.count))
            default: bytes[place] = byte
            }
        }
        return bytes
    }
}
