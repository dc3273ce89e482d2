import JSON

/// Reads the string out of `{"input":"…"}` while it arrives.
///
/// A model may write something else; then nothing is told before the end, when all of it can be looked at. What is not
/// quite JSON within the string, such as an escape that does not exist or a line end, is taken as it stands: a text that
/// was written with care must not lose its end over it.
struct StreamedInput: Sendable {
    private enum State {
        /// Before the string: so much of the opening was seen.
        case opening(seen: Int)
        case text
        /// Behind a backslash.
        case escape
        /// Within `\uXXXX`: so many digits, and their value.
        case unicode(count: Int, value: UInt32)
        /// Nothing more is told before the end.
        case waiting
    }

    private static let opening = Array(#"{"input":""#.unicodeScalars)
    /// Where white space may stand in the opening: around the name, but not in it.
    private static let name = 2..<8
    private var state = State.opening(seen: 0)
    private var highSurrogate: UInt32?
    private var told = ""

    /// Takes a piece of the arguments and returns the piece of the text that it adds.
    mutating func take(_ piece: String) -> String {
        var text = ""
        for scalar in piece.unicodeScalars { take(scalar, into: &text) }
        told += text
        return text
    }

    /// All of the text, and what of it has not been told yet.
    consuming func finish(_ arguments: String) -> (whole: String, rest: String) {
        let whole = Self.input(of: arguments) ?? (told.isEmpty ? arguments : told)
        guard whole.utf8.starts(with: told.utf8) else { return (told, "") }
        return (whole, String(decoding: whole.utf8.dropFirst(told.utf8.count), as: UTF8.self))
    }

    /// The text in arguments that are JSON: `input`, or the one string that the model put under another name.
    private static func input(of arguments: String) -> String? {
        guard let root = (try? JSONDocument(arguments))?.root else { return nil }
        if let input = root["input"] { return input.string }
        if let text = root.string { return text }
        let members = Array(root.members.prefix(2))
        return members.count == 1 ? members[0].value.string : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar, into text: inout String) {
        switch state {
        case .opening(let seen): open(scalar, seen)
        case .text:
            switch scalar {
            case "\"":
                closeSurrogate(into: &text)
                state = .waiting
            case "\\": state = .escape
            default:
                closeSurrogate(into: &text)
                text.unicodeScalars.append(scalar)
            }
        case .escape: unescape(scalar, into: &text)
        case .unicode(let count, let value): addDigit(scalar, count, value, into: &text)
        case .waiting: break
        }
    }

    private mutating func open(_ scalar: Unicode.Scalar, _ seen: Int) {
        if scalar == Self.opening[seen] {
            state = seen + 1 == Self.opening.count ? .text : .opening(seen: seen + 1)
        } else if !(scalar.properties.isWhitespace && !Self.name.contains(seen)) {
            state = .waiting
        }
    }

    private mutating func unescape(_ scalar: Unicode.Scalar, into text: inout String) {
        guard scalar != "u" else { return state = .unicode(count: 0, value: 0) }
        state = .text
        closeSurrogate(into: &text)
        switch scalar {
        case "n": text += "\n"
        case "t": text += "\t"
        case "r": text += "\r"
        case "b": text += "\u{8}"
        case "f": text += "\u{c}"
        case "\"", "\\", "/": text.unicodeScalars.append(scalar)
        default:
            text += "\\"
            text.unicodeScalars.append(scalar)
        }
    }

    private mutating func addDigit(
        _ scalar: Unicode.Scalar,
        _ count: Int,
        _ value: UInt32,
        into text: inout String
    ) {
        guard scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
            state = .text
            closeSurrogate(into: &text)
            return take(scalar, into: &text)
        }
        let value = value << 4 | UInt32(digit)
        guard count == 3 else { return state = .unicode(count: count + 1, value: value) }
        state = .text
        if let high = highSurrogate, (0xDC00...0xDFFF).contains(value) {
            highSurrogate = nil
            append(0x10000 + (high - 0xD800) << 10 + (value - 0xDC00), to: &text)
            return
        }
        closeSurrogate(into: &text)
        if (0xD800...0xDBFF).contains(value) { highSurrogate = value } else { append(value, to: &text) }
    }

    /// The first half of a pair that got no second one.
    private mutating func closeSurrogate(into text: inout String) {
        guard highSurrogate != nil else { return }
        highSurrogate = nil
        text += "\u{FFFD}"
    }

    private func append(_ value: UInt32, to text: inout String) {
        text.unicodeScalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
    }
}
