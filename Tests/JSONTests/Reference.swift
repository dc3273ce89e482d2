import JSON

/// A second opinion on what is valid: recursive, byte by byte, sharing nothing with the scan but the error's shape.
struct Reference {
    private let bytes: [UInt8]
    private var at = 0
    private let depthLimit: Int

    /// The fault of a text; nil if it is valid.
    static func fault(in bytes: [UInt8], depth: Int = 64) -> Fault? {
        var reference = Reference(bytes: bytes, depthLimit: depth)
        do {
            try reference.wholeText()
            return nil
        } catch {
            return error
        }
    }

    struct Fault: Error, Equatable {
        var code: JSONError.Code
        var offset: Int

        init(_ code: JSONError.Code, _ offset: Int) {
            self.code = code
            self.offset = offset
        }

        init(_ error: JSONError) {
            self.init(error.code, error.offset)
        }
    }

    private init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    private mutating func wholeText() throws(Fault) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw Fault(.byteOrderMark, 0) }
        let utf16 = bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE])
        if bytes.count > 1, utf16 || bytes[0] == 0 || bytes[1] == 0 { throw Fault(.wrongEncoding, 0) }
        space()
        try value(depth: 0)
        space()
        if at < bytes.count { throw Fault(.trailingData, at) }
    }

    private mutating func space() {
        while at < bytes.count, bytes[at] <= 0x20, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private func peek() throws(Fault) -> Unicode.Scalar {
        guard at < bytes.count else { throw Fault(.unexpectedEnd, bytes.count) }
        return Unicode.Scalar(bytes[at])
    }

    private mutating func expect(_ wanted: String, _ code: JSONError.Code = .syntax, at place: Int? = nil) throws(Fault)
    {
        for character in wanted.unicodeScalars {
            if try peek() != character { throw Fault(code, place ?? at) }
            at += 1
        }
    }

    private mutating func value(depth: Int) throws(Fault) {
        switch try peek() {
        case "{": try container("}", depth) { (self, names) throws(Fault) in try self.member(depth, &names) }
        case "[": try container("]", depth) { (self, _) throws(Fault) in try self.value(depth: depth + 1) }
        case "\"": _ = try string()
        case "t": try expect("true")
        case "f": try expect("false")
        case "n": try expect("null")
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": try number()
        default: throw Fault(.syntax, at)
        }
    }

    private mutating func container(
        _ closer: Unicode.Scalar,
        _ depth: Int,
        _ item: (inout Reference, inout Set<[UInt16]>) throws(Fault) -> Void
    ) throws(Fault) {
        if depth == depthLimit { throw Fault(.tooDeep, at) }
        var names: Set<[UInt16]> = []
        at += 1
        space()
        if try peek() == closer {
            at += 1
            return
        }
        while true {
            try item(&self, &names)
            space()
            if try peek() == closer { break }
            try expect(",")
            space()
        }
        at += 1
    }

    private mutating func member(_ depth: Int, _ names: inout Set<[UInt16]>) throws(Fault) {
        let start = at
        if try peek() != "\"" { throw Fault(.syntax, at) }
        if !names.insert(try string()).inserted { throw Fault(.duplicateKey, start) }
        space()
        try expect(":")
        space()
        try value(depth: depth + 1)
    }

    private mutating func digits() throws(Fault) {
        guard ("0"..."9").contains(try peek()) else { throw Fault(.invalidNumber, at) }
        while at < bytes.count, ("0"..."9").contains(try peek()) { at += 1 }
    }

    private mutating func number() throws(Fault) {
        if try peek() == "-" { at += 1 }
        let start = at
        try digits()
        if bytes[start] == 0x30, at > start + 1 { throw Fault(.invalidNumber, start + 1) }
        if at < bytes.count, try peek() == "." {
            at += 1
            try digits()
        }
        if at < bytes.count, bytes[at] | 0x20 == 0x65 {
            at += 1
            if at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
            try digits()
        }
    }

    /// Reads a string as UTF-16.
    private mutating func string() throws(Fault) -> [UInt16] {
        var units: [UInt16] = []
        at += 1
        while try peek() != "\"" {
            switch bytes[at] {
            case 0x5C: units += try escape()
            case 0..<0x20: throw Fault(.controlCharacter, at)
            default: units += try scalar()
            }
        }
        at += 1
        return units
    }

    private mutating func scalar() throws(Fault) -> [UInt16] {
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes[at...].makeIterator()
        switch parser.parseScalar(from: &rest) {
        case .valid(let encoded):
            at += encoded.count
            return Array(String(Unicode.UTF8.decode(encoded)).utf16)
        case .error(let length):
            let cut = at + length == bytes.count && (0xC2...0xF4).contains(bytes[at])
            throw cut ? Fault(.unexpectedEnd, bytes.count) : Fault(.invalidUTF8, at)
        case .emptyInput: throw Fault(.unexpectedEnd, bytes.count)
        }
    }

    private mutating func escape() throws(Fault) -> [UInt16] {
        let start = at
        at += 1
        let letter = try peek()
        at += 1
        if letter == "u" {
            let unit = try fourDigits(start)
            if UTF16.isTrailSurrogate(unit) { throw Fault(.invalidEscape, start) }
            guard UTF16.isLeadSurrogate(unit) else { return [unit] }
            try expect("\\u", .invalidEscape, at: start)
            let second = try fourDigits(at - 2)
            if !UTF16.isTrailSurrogate(second) { throw Fault(.invalidEscape, start) }
            return [unit, second]
        }
        let meanings: [Unicode.Scalar: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        guard let meaning = meanings[letter] else { throw Fault(.invalidEscape, start) }
        return [meaning]
    }

    private mutating func fourDigits(_ start: Int) throws(Fault) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let character = try peek()
            guard character.isASCII, let digit = Character(character).hexDigitValue else {
                throw Fault(.invalidEscape, start)
            }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }
}
