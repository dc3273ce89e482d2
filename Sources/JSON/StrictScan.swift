/// One strict pass over a text: RFC 8259, UTF-8, depth, and no duplicate key in any object.
struct StrictScan {
    private let text: Bytes
    private let depthLimit: Int
    private var at = 0
    private var keys = OpenKeys()
    /// One entry for each open container: whether it is an object.
    private var open: [Bool] = []
    /// The root object's members, if asked for.
    private(set) var members: [JSONIndex.Member] = []
    private(set) var closing = 0
    private let wantsMembers: Bool
    private var rootKey = 0..<0
    private var rootKeyEscaped = false

    init(_ text: Bytes, limits: JSONLimits, wantsMembers: Bool) {
        self.text = text
        self.depthLimit = limits.depth
        self.wantsMembers = wantsMembers
    }

    /// Scans the whole text; returns the root's range.
    mutating func run() throws(JSONError) -> Range<Int> {
        try checkEncoding()
        skipSpace()
        let start = at
        if wantsMembers, at < text.count, text[at] != UInt8(ascii: "{") {
            throw JSONError(.wrongType, at: at, "the root must be an object")
        }
        try value()
        while let isObject = open.last {
            skipSpace()
            try isObject ? member() : element()
        }
        let root = start..<at
        skipSpace()
        if at < text.count { throw JSONError(.trailingData, at: at, "there is something after the root value") }
        return root
    }

    private mutating func checkEncoding() throws(JSONError) {
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0, "the text begins with a byte order mark")
        }
        guard text.count >= 2 else { return }
        let marked = (text[0] == 0xFE && text[1] == 0xFF) || (text[0] == 0xFF && text[1] == 0xFE)
        if marked || text[0] == 0 || text[1] == 0 {
            throw JSONError(.wrongEncoding, at: 0, "the text is UTF-16 or UTF-32, not UTF-8")
        }
    }

    private mutating func skipSpace() {
        while at < text.count {
            switch text[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return
            }
        }
    }

    private func end() -> JSONError { JSONError(.unexpectedEnd, at: text.count, "the text ends too early") }

    private func unexpected(_ wanted: String) -> JSONError {
        at >= text.count ? end() : JSONError(.syntax, at: at, "expected \(wanted)")
    }

    /// A value's start: a scalar is read whole, a container is opened.
    private mutating func value() throws(JSONError) {
        guard at < text.count else { throw end() }
        let first = text[at]
        let start = at
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if open.count >= depthLimit { throw JSONError(.tooDeep, at: at, "nested deeper than \(depthLimit)") }
            at += 1
            try openContainer(isObject: first == UInt8(ascii: "{"))
            return
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: throw unexpected("a value")
        }
        note(start..<at)
    }

    private var starts: [Int] = []

    private mutating func openContainer(isObject: Bool) throws(JSONError) {
        starts.append(at - 1)
        open.append(isObject)
        if isObject { keys.openObject() }
        skipSpace()
        guard at < text.count else { throw end() }
        if text[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
            close(isObject)
        } else if isObject {
            try keyAndValue()
        } else {
            try value()
        }
    }

    private mutating func close(_ isObject: Bool) {
        if isObject { keys.closeObject() }
        open.removeLast()
        if open.isEmpty { closing = at }
        at += 1
        note(starts.removeLast()..<at)
    }

    /// Remembers a finished value if it belongs to the root object.
    private mutating func note(_ value: Range<Int>) {
        guard wantsMembers, open.count == 1 else { return }
        let kind = JSONKind(firstByte: text[value.lowerBound])
        members.append(.init(key: rootKey, value: value, kind: kind, keyIsEscaped: rootKeyEscaped))
    }

    private mutating func member() throws(JSONError) {
        guard at < text.count else { throw end() }
        switch text[at] {
        case UInt8(ascii: "}"): close(true)
        case UInt8(ascii: ","):
            at += 1
            skipSpace()
            try keyAndValue()
        default: throw unexpected("',' or '}'")
        }
    }

    private mutating func element() throws(JSONError) {
        guard at < text.count else { throw end() }
        switch text[at] {
        case UInt8(ascii: "]"): close(false)
        case UInt8(ascii: ","):
            at += 1
            skipSpace()
            try value()
        default: throw unexpected("',' or ']'")
        }
    }

    private mutating func keyAndValue() throws(JSONError) {
        guard at < text.count, text[at] == UInt8(ascii: "\"") else { throw unexpected("a member's name") }
        let start = at
        let escaped = try string()
        let key = start + 1..<at - 1
        if !keys.insert(key, escaped: escaped, in: text) {
            throw JSONError(.duplicateKey, at: start, "the object already has a member of this name")
        }
        if open.count == 1 {
            rootKey = key
            rootKeyEscaped = escaped
        }
        skipSpace()
        guard at < text.count, text[at] == UInt8(ascii: ":") else { throw unexpected("':'") }
        at += 1
        skipSpace()
        try value()
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard at + index < text.count else { throw end() }
            guard text[at + index] == word.utf8Start[index] else {
                throw JSONError(.syntax, at: at + index, "expected \(word)")
            }
        }
        at += word.utf8CodeUnitCount
    }

    private mutating func digits() throws(JSONError) {
        guard at < text.count else { throw end() }
        guard isDigit(text[at]) else { throw JSONError(.invalidNumber, at: at, "expected a digit") }
        while at < text.count, isDigit(text[at]) { at += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func number() throws(JSONError) {
        if text[at] == UInt8(ascii: "-") { at += 1 }
        if at < text.count, text[at] == UInt8(ascii: "0") {
            at += 1
            if at < text.count, isDigit(text[at]) {
                throw JSONError(.invalidNumber, at: at, "a number has a leading zero")
            }
        } else {
            try digits()
        }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
    }

    /// Reads a string from its opening quote past its closing one; returns whether it has an escape.
    private mutating func string() throws(JSONError) -> Bool {
        at += 1
        var escaped = false
        while at < text.count {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return escaped
            case UInt8(ascii: "\\"):
                escaped = true
                try escape()
            case 0..<0x20: throw JSONError(.controlCharacter, at: at, "a string has an unescaped control character")
            case 0x80...: at = try text.endOfScalar(at: at)
            default: at += 1
            }
        }
        throw end()
    }

    private mutating func escape() throws(JSONError) {
        guard at + 1 < text.count else { throw end() }
        switch text[at + 1] {
        case UInt8(ascii: "u"): at = try text.endOfUnicodeEscape(at: at)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        default: throw JSONError(.invalidEscape, at: at, "a backslash does not begin an escape")
        }
    }
}
