/// One strict pass over a text: RFC 8259, UTF-8, depth, and no duplicate key in any object.
struct StrictScan: ~Copyable {
    private let text: Bytes
    private let limits: JSONLimits
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
        /// Nothing at all.
        case nothing
    }

    init(_ text: Bytes, limits: JSONLimits, notes: Notes) {
        self.text = text
        self.limits = limits
        self.notes = notes
        // Growing step by step costs more than the room that most requests need.
        if notes == .members { members.reserveCapacity(12) }
    }

    /// Scans the whole text; returns the root's range.
    mutating func run() throws(JSONError) -> Range<Int> {
        guard text.count <= Int(Int32.max) else {
            throw JSONError(.outOfRange, at: Int(Int32.max), "the text is longer than 2 GiB")
        }
        try checkEncoding()
        let start = text.skipSpace(at: 0)
        if notes == .members, start < text.count, text[start] != UInt8(ascii: "{") {
            throw JSONError(.wrongType, at: start, "the root must be an object")
        }
        let end = try value(at: start)
        let rest = text.skipSpace(at: end)
        if rest < text.count { throw JSONError(.trailingData, at: rest, "something follows the root value") }
        return start..<end
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

    /// Reads the root value with all that it holds, without recursion; returns its end.
    ///
    /// The place is a local variable that is handed to each step, so that it stays in a register.
    private mutating func value(at start: Int) throws(JSONError) -> Int {
        var at = start
        repeat {
            if current.isObject { try keyAndColon(&at) }
            let start = at
            guard at < text.count else { throw text.endsEarly }
            switch text[at] {
            case UInt8(ascii: "\""):
                at = try text.closingQuote(from: at + 1).end + 1
                if notes == .landmarks { noteLandmark(start..<at) }
            case UInt8(ascii: "{"):
                if try opens(isObject: true, until: UInt8(ascii: "}"), &at) { continue }
            case UInt8(ascii: "["):
                if try opens(isObject: false, until: UInt8(ascii: "]"), &at) { continue }
            default: at = try endOfScalar(at: at)
            }
            noteMember(start..<at)
            try closeAndSeparate(&at)
        } while outer.count > 0
        return at
    }

    /// Enters a container; false if it was an empty one, which is left again.
    @inline(__always)
    private mutating func opens(isObject: Bool, until closer: UInt8, _ at: inout Int) throws(JSONError) -> Bool {
        guard outer.count < limits.depth else {
            throw JSONError(.tooDeep, at: at, "nested deeper than \(limits.depth)")
        }
        let start = at
        at &+= 1
        skipSpace(&at)
        guard at < text.count else { throw text.endsEarly }
        if text[at] == closer {
            at &+= 1
            return false
        }
        if outer.count == 1 { rootValue = start }
        outer.push(current)
        current = Container(isObject: isObject, landmark: landmarks.count, names: .init(base: keys.count))
        if notes == .landmarks { landmarks.push(.init(start: UInt32(truncatingIfNeeded: start), end: 0)) }
        return true
    }

    /// After a value: leaves the containers that end here and goes over the comma to the next name or value.
    @inline(__always)
    private mutating func closeAndSeparate(_ at: inout Int) throws(JSONError) {
        while outer.count > 0 {
            skipSpace(&at)
            guard at < text.count else { throw text.endsEarly }
            let byte = text[at]
            if byte == UInt8(ascii: ",") {
                at &+= 1
                skipSpace(&at)
                return
            }
            guard byte == (current.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw unexpected(at, current.isObject ? "',' or '}'" : "',' or ']'")
            }
            if current.isObject { keys.close(current.names) }
            at &+= 1
            if notes == .landmarks { settleLandmark(end: at) }
            current = outer.pop()
            noteMember(rootValue..<at)
        }
    }

    /// Reads a member's name up to its value.
    @inline(__always)
    private mutating func keyAndColon(_ at: inout Int) throws(JSONError) {
        let start = at
        guard start < text.count, text[start] == UInt8(ascii: "\"") else { throw unexpected(at, "a member's name") }
        let string = try text.closingQuote(from: start &+ 1)
        at = string.end &+ 1
        skipSpace(&at)
        let key = start &+ 1..<string.end
        if !keys.insert(key, escaped: string.escaped, into: &current.names, of: text) {
            throw JSONError(.duplicateKey, at: start, "the object already has a member of this name")
        }
        if outer.count == 1 {
            rootKey = key
            rootKeyIsEscaped = string.escaped
        }
        guard at < text.count, text[at] == UInt8(ascii: ":") else { throw unexpected(at, "':'") }
        at &+= 1
        skipSpace(&at)
    }

    private func endOfScalar(at offset: Int) throws(JSONError) -> Int {
        switch text[offset] {
        case UInt8(ascii: "t"): return try text.endOfLiteral("true", at: offset)
        case UInt8(ascii: "f"): return try text.endOfLiteral("false", at: offset)
        case UInt8(ascii: "n"): return try text.endOfLiteral("null", at: offset)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try text.endOfNumber(at: offset)
        default: throw unexpected(offset, "a value")
        }
    }

    @inline(__always)
    private func skipSpace(_ at: inout Int) {
        if at < text.count, text[at] <= 0x20 { at = text.skipSpace(at: at) }
    }

    @inline(never)
    private func unexpected(_ offset: Int, _ wanted: String) -> JSONError {
        offset >= text.count ? text.endsEarly : JSONError(.syntax, at: offset, "expected \(wanted)")
    }
}

/// What the scan writes down.
extension StrictScan {
    /// Notes a value that has ended, if it is a member of the root.
    @inline(__always)
    private mutating func noteMember(_ value: Range<Int>) {
        guard outer.count == 1, notes == .members else { return }
        let kind = JSONKind(firstByte: text[value.lowerBound])
        members.append(.init(key: rootKey, value: value, kind: kind, keyIsEscaped: rootKeyIsEscaped))
    }

    /// Notes a string, if it is long.
    @inline(__always)
    private mutating func noteLandmark(_ value: Range<Int>) {
        guard value.count >= JSONText.Landmark.length else { return }
        let (start, end) = (UInt32(truncatingIfNeeded: value.lowerBound), UInt32(truncatingIfNeeded: value.upperBound))
        landmarks.push(.init(start: start, end: end))
    }

    /// A container that turns out to be short is no landmark, nor is anything in it.
    private mutating func settleLandmark(end: Int) {
        if end - Int(landmarks[current.landmark].start) < JSONText.Landmark.length {
            landmarks.shrink(to: current.landmark)
        } else {
            landmarks[current.landmark].end = UInt32(truncatingIfNeeded: end)
        }
    }

    /// The landmarks found, in the order of their starts.
    func takeLandmarks() -> [JSONText.Landmark] { landmarks.elements }
}
