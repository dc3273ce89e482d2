/// Makes JSON of what a model wrote almost as JSON, while it arrives.
///
/// What is JSON comes out byte for byte. Mended are single quotes, names without quotes, line ends and quotes within a
/// string, escapes that do not exist, commas too many or too few, Python's words, and closing brackets that are missing
/// at the end. A text is told as soon as nothing that follows can change it, so that pieces and the whole agree. What is
/// beyond mending goes on as it stands.
struct ArgumentMender: Sendable {
    /// How the text has ended.
    enum Ending: Sendable {
        /// As JSON.
        case whole
        /// Within a string, a number or a member: what is missing cannot be known.
        case cut
        /// As something that is no JSON by far.
        case hopeless
    }

    /// What has to come next.
    enum Place: Sendable {
        case value
        /// A member's name, or the object's end.
        case name
        /// Within a name without quotes.
        case bareName
        case colon
        /// A comma, or the end of what is open.
        case separator
        case string
        /// Within a number or a word such as `true`.
        case word
        case end
        /// Behind something that follows an object's end and says nothing.
        case over
        case hopeless
    }

    private static let depth = 64
    var place = Place.value
    /// The brackets that close what is open, the innermost last.
    var closers: [UInt8] = []
    var string = OpenString()
    /// Whether names have come without quotes.
    var hasBareNames = false
    var output: [UInt8] = []
    /// A comma and the space behind it, until it is known whether anything follows.
    private var comma: [UInt8] = []
    private var word: [UInt8] = []

    private var isObject = false

    /// Whether the text is JSON already, with nothing to add.
    var isWhole: Bool { place == .end || place == .over }

    /// The text as JSON; nil if it cannot be mended.
    static func mend(_ text: String) -> String? {
        var mender = ArgumentMender()
        let start = mender.take(text)
        let (rest, ending) = mender.finish()
        return ending == .whole ? start + rest : nil
    }

    /// Whether a text needs nothing added at its end.
    static func isWhole(_ text: String) -> Bool {
        var mender = ArgumentMender()
        _ = mender.take(text)
        return mender.isWhole
    }

    /// Takes a piece and returns what is certain by now.
    mutating func take(_ piece: String) -> String {
        for byte in piece.utf8 { step(byte) }
        return told()
    }

    /// Nothing follows: returns the rest.
    mutating func finish() -> (rest: String, ending: Ending) {
        if place == .string { endStringAtEnd() }
        // A number may have lost its last digits, a word says what it is.
        if place == .word, Self.words[String(decoding: word, as: UTF8.self)] != nil { endWord() }
        switch place {
        case .end, .over: return (told(), .whole)
        case .hopeless: return (told(), .hopeless)
        case .separator, .name: break
        case .value where closers.last == UInt8(ascii: "]"): break
        case .value, .bareName, .colon, .string, .word: return (told(), .cut)
        }
        output += comma.dropFirst()
        output += closers.reversed()
        (comma, closers, place) = ([], [], .end)
        return (told(), .whole)
    }

    private mutating func told() -> String {
        defer { output.removeAll(keepingCapacity: true) }
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Between strings

    mutating func step(_ byte: UInt8) {
        switch place {
        case .string: stepString(byte)
        case .value: beginValue(byte)
        case .name: beginName(byte)
        case .bareName: continueName(byte)
        case .colon: readColon(byte)
        case .separator: readSeparator(byte)
        case .word: continueWord(byte)
        case .end:
            if Self.isSpace(byte) { return output.append(byte) }
            if isObject { place = .over } else { giveUp(byte) }
        case .over: break
        case .hopeless: output.append(byte)
        }
    }

    private mutating func beginValue(_ byte: UInt8) {
        switch byte {
        case _ where Self.isSpace(byte): space(byte)
        case UInt8(ascii: "{"): open(byte, UInt8(ascii: "}"), .name)
        case UInt8(ascii: "["): open(byte, UInt8(ascii: "]"), .value)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): begin(byte, isName: false)
        case UInt8(ascii: "]") where closers.last == byte: close(byte)
        case UInt8(ascii: ",") where closers.last == UInt8(ascii: "]"): break
        case UInt8(ascii: "}"), UInt8(ascii: ","):
            guard closers.last == UInt8(ascii: "}") else { return giveUp(byte) }
            output += Array("null".utf8)
            place = .separator
            readSeparator(byte)
        case _ where Self.isWord(byte) && !closers.isEmpty:
            tellComma()
            word = [byte]
            place = .word
        default: giveUp(byte)
        }
    }

    private mutating func beginName(_ byte: UInt8) {
        switch byte {
        case _ where Self.isSpace(byte): space(byte)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): begin(byte, isName: true)
        case UInt8(ascii: "}"): close(byte)
        case UInt8(ascii: ","): break
        case _ where Self.isName(byte):
            tellComma()
            output += [UInt8(ascii: "\""), byte]
            (place, hasBareNames) = (.bareName, true)
        default: giveUp(byte)
        }
    }

    private mutating func continueName(_ byte: UInt8) {
        guard !Self.isName(byte) else { return output.append(byte) }
        output.append(UInt8(ascii: "\""))
        place = .colon
        readColon(byte)
    }

    private mutating func readColon(_ byte: UInt8) {
        if Self.isSpace(byte) { return output.append(byte) }
        guard byte == UInt8(ascii: ":") else { return giveUp(byte) }
        output.append(byte)
        place = .value
    }

    private mutating func readSeparator(_ byte: UInt8) {
        let isObject = closers.last == UInt8(ascii: "}")
        switch byte {
        case _ where Self.isSpace(byte): output.append(byte)
        case UInt8(ascii: ","):
            comma = [byte]
            place = isObject ? .name : .value
        case _ where closers.contains(byte): close(byte)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            comma = [UInt8(ascii: ",")]
            begin(byte, isName: isObject)
        default: giveUp(byte)
        }
    }

    private mutating func continueWord(_ byte: UInt8) {
        if Self.isWord(byte) { return word.append(byte) }
        endWord()
        step(byte)
    }

    private mutating func endWord() {
        let text = String(decoding: word, as: UTF8.self)
        word = []
        place = .separator
        output += Array((Self.words[text] ?? (Self.isNumber(text) ? text : "\"\(text)\"")).utf8)
    }

    private mutating func open(_ bracket: UInt8, _ closer: UInt8, _ next: Place) {
        guard closers.count < Self.depth else { return giveUp(bracket) }
        tellComma()
        if closers.isEmpty { isObject = next == .name }
        output.append(bracket)
        closers.append(closer)
        place = next
    }

    /// Closes up to and with this bracket; those that the model forgot within it are added.
    private mutating func close(_ bracket: UInt8) {
        output += comma.dropFirst()
        comma = []
        while let closer = closers.popLast() {
            output.append(closer)
            if closer == bracket { break }
        }
        place = closers.isEmpty ? .end : .separator
    }

    private mutating func begin(_ quote: UInt8, isName: Bool) {
        tellComma()
        output.append(UInt8(ascii: "\""))
        string = OpenString(quote: quote, isName: isName)
        place = .string
    }

    private mutating func space(_ byte: UInt8) {
        if comma.isEmpty { output.append(byte) } else { comma.append(byte) }
    }

    private mutating func tellComma() {
        output += comma
        comma = []
    }

    private mutating func giveUp(_ byte: UInt8) {
        tellComma()
        output.append(byte)
        place = .hopeless
    }
}
