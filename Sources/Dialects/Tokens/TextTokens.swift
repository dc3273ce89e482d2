/// Counts a text's tokens byte by byte, the way a byte-pair tokenizer would begin: by words, numbers, marks and gaps.
///
/// A word of up to seven letters is one token and every four letters more are another; a capital within a word costs a
/// third of one. Three digits are a token, and so are three marks, behind which it is two fifths of one for each. One space
/// belongs to what follows; a longer gap or a line's end is a token. Of other scripts a character costs 0.8 (Latin with
/// marks, Greek, Cyrillic, Hebrew, Arabic), 1 (Chinese, Japanese, Korean), 1.8 (Indic and symbols) or 2.4 (emoji).
struct TextTokens {
    private enum Run {
        case none, word, number, marks, gap
    }

    /// Hundredths of a token.
    private var sum = 0
    private var run = Run.none
    private var length = 0
    private var last: UInt8 = 0
    /// Whether the gap holds more than one blank.
    private var isWide = false

    /// Rounded up, so that what is not empty is never free.
    var tokens: Int {
        var copy = self
        copy.end()
        return (copy.sum + 99) / 100
    }

    /// Takes the next byte of UTF-8.
    mutating func take(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): count(.word)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"):
            if run == .word, last >= UInt8(ascii: "a") { sum += 35 }
            count(.word)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): count(.number)
        case UInt8(ascii: " "), 0x09, 0x0A, 0x0D:
            count(.gap)
            if length > 1 || byte == 0x0A || byte == 0x0D { isWide = true }
        case 0..<0x80: count(.marks)
        // The first byte tells the script, well enough; those that follow it tell nothing.
        case 0x80..<0xC0: break
        case 0xC0..<0xE0: add(80)
        case 0xE3...0xED: add(100)
        case 0xE0..<0xF0: add(180)
        default: add(240)
        }
        last = byte
    }

    private mutating func count(_ kind: Run) {
        if kind != run {
            end()
            run = kind
        }
        length += 1
    }

    private mutating func add(_ hundredths: Int) {
        end()
        sum += hundredths
    }

    private mutating func end() {
        switch run {
        case .none: break
        case .word: sum += 100 + max(0, length - 7) * 25
        case .number: sum += (length + 2) / 3 * 100
        case .marks: sum += 100 + max(0, length - 3) * 40
        case .gap: sum += isWide ? 100 : 0
        }
        (run, length, isWide) = (.none, 0, false)
    }
}
