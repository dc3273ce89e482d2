#if os(Linux)
import Glibc
import JSON
import Testing

/// Four million bytes made to hurt, each scanned in a process of its own so that its peak memory can be read.
@Suite("Hostile texts")
struct HostileTextTests {
    @Test("many tiny objects take less than ten times their size")
    func tinyObjects() async {
        await #expect(processExitsWith: .success) {
            try expectLittleMemory(fourMegabytes(from: "[", to: "0]") { _ in "{}," })
        }
    }

    @Test("half a million members of one object take less than ten times their size")
    func manyMembers() async {
        await #expect(processExitsWith: .success) {
            let digits = Array(
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'()*+,-./:;<=>?@[]^_`{|}~"
            )
            let base = digits.count
            let text = fourMegabytes(from: "{", to: #""last":1}"#) { number in
                "\"\(digits[number % base])\(digits[number / base % base])\(digits[number / base / base % base])\":1,"
            }
            try expectLittleMemory(text)
        }
    }

    @Test("deep arrays take less than ten times their size")
    func deepArrays() async {
        await #expect(processExitsWith: .success) {
            let deep = String(repeating: "[", count: 63) + String(repeating: "]", count: 63) + ","
            try expectLittleMemory(fourMegabytes(from: "[", to: "0]") { _ in deep })
        }
    }

    @Test("objects that each need a table of names take less than ten times their size")
    func manyTables() async {
        await #expect(processExitsWith: .success) {
            let object = "{" + (0..<20).map { "\"\($0)\":1" }.joined(separator: ",") + "},"
            try expectLittleMemory(fourMegabytes(from: "[", to: "0]") { _ in object })
        }
    }
}

/// A text of parts, built in place so that building it leaves no higher peak behind than the text itself.
private func fourMegabytes(from opening: String, to closing: String, _ part: (Int) -> String) -> [UInt8] {
    let size = 4 << 20
    var text: [UInt8] = []
    text.reserveCapacity(size + 1024)
    text.append(contentsOf: opening.utf8)
    var number = 0
    while text.count < size {
        text.append(contentsOf: part(number).utf8)
        number += 1
    }
    text.append(contentsOf: closing.utf8)
    return text
}

/// Scans both ways; the index only if the root is an object.
private func expectLittleMemory(_ text: [UInt8]) throws {
    let before = peakMemory()
    if text[0] == UInt8(ascii: "{") { _ = try JSONIndex(scanning: text) }
    _ = try JSONDocument(text)
    let used = peakMemory() - before
    print("\(used / 1024) KiB for \(text.count / 1024) KiB")
    precondition(used < 10 * text.count, "\(used) bytes for a text of \(text.count)")
}

/// This process's peak resident memory in bytes.
private func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
#endif
