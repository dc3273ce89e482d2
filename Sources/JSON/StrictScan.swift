/// One strict pass over a text: RFC 8259, UTF-8, depth, and no duplicate key in any object.
struct StrictScan: ~Copyable {
    private let text: Bytes
    private let limits: JSONLimits
    private var at = 0
    private var keys = OpenKeys()
    /// The innermost open container, and those around it.
    private var current = Container()
    private var outer = Stack<Container>(capacity: 64)
    private let notes: Notes
    private var landmarks = Stack<JSONText.Landmark>(capacity: 16)
    private(set) var members: [JSONIndex.Member] = []
    /// The root's member that is being read.
    private var rootKey = 0..<0
    private var rootValue = 0
    private var rootKeyIsEscaped = false

    /// What has to be known of an open container; not private for the reason that `OpenKeys.Record` is not.
    struct Container: BitwiseCopyable {
        var isObject = false
        /// Its place among the landmarks.
        var landmark = 0
        var names = OpenKeys.Object(base: 0)
    }

    /// What a scan writes down on its way.
    enum Notes {
        /// The root's members; the root has to be an object.
        case members
        /// The long values.
        case landmarks
    }

    init(_ text: Bytes, limits: JSONLimits, notes: Notes) {
        self.text = text
        self.limits = limits
        self.notes = notes
    }

    /// Scans the whole text; returns the root's range.
    mutating func run() throws(JSONError) -> Range<Int> {
        guard text.count <= Int(UInt32.max) else {
            throw JSONError(.outOfRange, at: Int(UInt32.max), "the text is longer than 4 GiB")
        }
        try checkEncoding()
        skipSpace()
        let start = at
        if notes == .members, at < text.count, text[at] != UInt8(ascii: "{") {
            throw JSONError(.wrongType, at: at, "the root must be an object")
        }
        try values()
        let root = start..<at
        skipSpace()
        if at < text.count { throw JSONError(.trailingData, at: at, "something follows the root value") }
        return root
    }

    private func checkEncoding() throws(JSONError) {
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0, "the text begins with a byte order mark")
        }
        guard text.count >= 2 else { return }
        let marked = (text[0] == 0xFE && text[1] == 0xFF) || (text[0] == 0xFF && text[1] == 0xFE)
        if marked || text[0] == 0 || text[1] == 0 {
            throw JSONError(.wrongEncoding, at: 0, "the text is UTF-16 or UTF-32, not UTF-8")
        }
    }

    /// Reads one value and all that it holds.
    @inline(__always)
    private mutating func values() throws(JSONError) {
        repeat {
            let start = at
            guard at < text.count else { throw text.endsEarly }
            switch text[at] {
            case UInt8(ascii: "\""):
                at = try text.closingQuote(from: at + 1).end + 1
                if notes == .landmarks, at - start >= JSONText.Landmark.length {
                    let (start, end) = (UInt32(truncatingIfNeeded: start), UInt32(truncatingIfNeeded: at))
                    landmarks.push(.init(start: start, end: end))
                }
            case UInt8(ascii: "{"):
                if try opens(isObject: true, until: UInt8(ascii: "}")) {
                    try keyAndColon()
                    continue
                }
            case UInt8(ascii: "["):
                if try opens(isObject: false, until: UInt8(ascii: "]")) { continue }
            default: try scalar()
            }
            note(start)
            try closeAndSeparate()
        } while outer.count > 0
    }

    /// Enters a container; false if it was an empty one, which is left again.
    @inline(__always)
    private mutating func opens(isObject: Bool, until closer: UInt8) throws(JSONError) -> Bool {
        guard outer.count < limits.depth else {
            throw JSONError(.tooDeep, at: at, "nested deeper than \(limits.depth)")
        }
        let start = at
        at += 1
        skipSpace()
        guard at < text.count else { throw text.endsEarly }
        if text[at] == closer {
            at += 1
            return false
        }
        if outer.count == 1 { rootValue = start }
        outer.push(current)
        current = Container(isObject: isObject, landmark: landmarks.count, names: .init(base: keys.count))
        if notes == .landmarks { landmarks.push(.init(start: UInt32(truncatingIfNeeded: start), end: 0)) }
        return true
    }

    /// After a value: leaves the containers that end here and goes to the next value, past its key.
    @inline(__always)
    private mutating func closeAndSeparate() throws(JSONError) {
        while outer.count > 0 {
            skipSpace()
            guard at < text.count else { throw text.endsEarly }
            let byte = text[at]
            if byte == UInt8(ascii: ",") {
                at += 1
                skipSpace()
                if current.isObject { try keyAndColon() }
                return
            }
            guard byte == (current.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw unexpected(current.isObject ? "',' or '}'" : "',' or ']'")
            }
            if current.isObject { keys.close(current.names) }
            at += 1
            if notes == .landmarks { settleLandmark() }
            current = outer.pop()
            note(rootValue)
        }
    }

    /// Reads a member's name up to its value.
    @inline(__always)
    private mutating func keyAndColon() throws(JSONError) {
        guard at < text.count, text[at] == UInt8(ascii: "\"") else { throw unexpected("a member's name") }
        let string = try text.closingQuote(from: at + 1)
        let key = at + 1..<string.end
        if !keys.insert(key, escaped: string.escaped, into: &current.names, of: text) {
            throw JSONError(.duplicateKey, at: at, "the object already has a member of this name")
        }
        if outer.count == 1 {
            rootKey = key
            rootKeyIsEscaped = string.escaped
        }
        at = string.end + 1
        skipSpace()
        guard at < text.count, text[at] == UInt8(ascii: ":") else { throw unexpected("':'") }
        at += 1
        skipSpace()
    }

    /// Notes a value that has ended, if it is a member of the root.
    @inline(__always)
    private mutating func note(_ start: Int) {
        guard outer.count == 1, notes == .members else { return }
        let kind = JSONKind(firstByte: text[start])
        members.append(.init(key: rootKey, value: start..<at, kind: kind, keyIsEscaped: rootKeyIsEscaped))
    }

    /// A container that turns out to be short is no landmark, nor is anything in it.
    private mutating func settleLandmark() {
        if at - Int(landmarks[current.landmark].start) < JSONText.Landmark.length {
            landmarks.shrink(to: current.landmark)
        } else {
            landmarks[current.landmark].end = UInt32(truncatingIfNeeded: at)
        }
    }

    /// The landmarks found, in the order of their starts.
    func takeLandmarks() -> [JSONText.Landmark] { landmarks.elements }

    @inline(__always)
    private mutating func skipSpace() {
        guard at < text.count, text[at] <= 0x20 else { return }
        skipMoreSpace()
    }

    private mutating func skipMoreSpace() {
        at = text.skipSpace(at: at)
    }

    private func unexpected(_ wanted: String) -> JSONError {
        at >= text.count ? text.endsEarly : JSONError(.syntax, at: at, "expected \(wanted)")
    }

    private mutating func scalar() throws(JSONError) {
        switch text[at] {
        case UInt8(ascii: "t"): at = try text.endOfLiteral("true", at: at)
        case UInt8(ascii: "f"): at = try text.endOfLiteral("false", at: at)
        case UInt8(ascii: "n"): at = try text.endOfLiteral("null", at: at)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): at = try text.endOfNumber(at: at)
        default: throw unexpected("a value")
        }
    }
}
