import Dialects
import Inference

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds images in a conversation by the words that announce them, without reading it.
struct ImageSearch {
    /// A string of more bytes without a blank at its beginning is data and no text.
    private static let longestWord = 1_024

    private static let part = ImageSearch(#""image_url""#, isList: false)
    private static let input = ImageSearch(#""input_image""#, isList: false)
    private static let block = ImageSearch(#""image""#, isList: false)
    private static let list = ImageSearch(#""images""#, isList: true)

    private let word: [UInt8]
    /// How far to go on from a byte that stands where the word would end (Horspool).
    private let steps: [Int]
    /// Ollama has a list of images in a message; the others have parts of this type.
    private let isList: Bool

    private init(_ text: String, isList: Bool) {
        word = Array(text.utf8)
        self.isList = isList
        var steps = [Int](repeating: word.count, count: 256)
        for (place, byte) in word.dropLast().enumerated() { steps[Int(byte)] = word.count - 1 - place }
        self.steps = steps
    }

    static func of(_ dialect: Dialect) -> ImageSearch {
        switch dialect {
        case .chat: part
        case .responses: input
        case .messages: block
        case .ollama: list
        }
    }

    /// Whether a list of messages holds an image.
    func finds(in text: UnsafeRawBufferPointer) -> Bool {
        word.withUnsafeBufferPointer { word in
            steps.withUnsafeBufferPointer { steps in
                var end = word.count - 1
                while end < text.count {
                    let last = text[end]
                    if last == word[word.count - 1], isWord(word, text, at: end + 1 - word.count) { return true }
                    end += steps[Int(last)]
                }
                return false
            }
        }
    }

    private func isWord(_ word: UnsafeBufferPointer<UInt8>, _ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard text[start..<start + word.count].elementsEqual(word) else { return false }
        return isList ? isFilledList(text, behind: start + word.count) : isType(text, at: start)
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
