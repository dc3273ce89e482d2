import Dialects

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds images in a conversation by the words that announce them, at the speed of the system's own search.
struct ImageSearch {
    /// A string of more bytes without a blank at its beginning is data and no text.
    private static let longestWord = 1_024

    private let word: StaticString
    /// Ollama has a list of images in a message; the others have parts of this type.
    private let isList: Bool

    init(_ endpoint: Endpoint) {
        isList = endpoint.dialect == .ollama
        word =
            switch endpoint.dialect {
            case .chat: #""image_url""#
            case .responses: #""input_image""#
            case .messages: #""image""#
            case .ollama: #""images""#
            }
    }

    /// Whether a list of messages holds an image.
    func finds(in text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return false }
        var place = 0
        while let found = memmem(base + place, text.count - place, word.utf8Start, word.utf8CodeUnitCount) {
            let start = UnsafeRawPointer(found) - base
            if isList ? isFilledList(text, behind: start + word.utf8CodeUnitCount) : isType(text, at: start) {
                return true
            }
            place = start + word.utf8CodeUnitCount
        }
        return false
    }

    /// Whether `"type":` stands in front.
    private func isType(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        var place = start
        func back() { while place > 0, text[place - 1] <= 0x20 { place -= 1 } }
        back()
        guard place > 0, text[place - 1] == UInt8(ascii: ":") else { return false }
        place -= 1
        back()
        return text[..<place].suffix(6).elementsEqual(#""type""#.utf8)
    }

    private func isFilledList(_ text: UnsafeRawBufferPointer, behind start: Int) -> Bool {
        let marks = text[start...].lazy.filter { $0 > 0x20 }.prefix(3)
        return marks.elementsEqual(#":[""#.utf8)
    }

    /// How many strings of a body are data such as images are sent in, and their bytes.
    static func data(in text: UnsafeRawBufferPointer) -> (count: Int, bytes: Int) {
        guard let base = text.baseAddress else { return (0, 0) }
        var (count, bytes, place) = (0, 0, 0)
        while place < text.count, let quote = memchr(base + place, 0x22, text.count - place) {
            let end = UnsafeRawPointer(quote) - base
            let gap = end - place
            if gap > longestWord, !text[place..<place + 256].contains(where: { $0 <= 0x20 || $0 == 0x5C }) {
                (count, bytes) = (count + 1, bytes + gap)
            }
            place = end + 1
        }
        return (count, bytes)
    }
}
