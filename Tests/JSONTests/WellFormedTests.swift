import JSON
import Testing

@Suite("Whether bytes are UTF-8")
struct WellFormedTests {
    @Test(
        "every scalar's neighbourhood, and every pair of bytes at every place of a block, is judged as the standard library does"
    )
    func pairs() {
        for first in UInt8.min ... .max {
            for second in stride(from: UInt8(0), through: 252, by: 4) {
                for place in [0, 7, 14, 15, 16, 30, 31] {
                    var bytes = [UInt8](repeating: 0x61, count: 33)
                    bytes[place] = first
                    if place + 1 < bytes.count { bytes[place + 1] = second }
                    let expected = String(validating: bytes, as: UTF8.self) != nil
                    guard bytes.span.bytes.isUTF8 != expected else { continue }
                    Issue.record("\(first) \(second) at \(place): \(expected)")
                }
            }
        }
    }

    @Test("long texts of all widths are well-formed until a byte is taken from them")
    func texts() {
        let text = Array(String(repeating: "aé漢😀", count: 40).utf8)
        for count in 0...text.count {
            let bytes = Array(text[..<count])
            #expect(bytes.span.bytes.isUTF8 == (String(validating: bytes, as: UTF8.self) != nil))
        }
    }
}
