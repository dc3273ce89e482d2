import Foundation
import Testing

@Suite("The page about security")
struct SecurityDocumentTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The names of all tests.
    private static func names() throws -> Set<String> {
        let tests = root.appending(path: "Tests")
        var names: Set<String> = []
        for case let file as String in FileManager.default.enumerator(atPath: tests.path) ?? .init()
        where file.hasSuffix(".swift") {
            let text = try String(contentsOf: tests.appending(path: file), encoding: .utf8)
            for part in text.components(separatedBy: "@Test(").dropFirst() {
                let rest = part.drop { $0.isWhitespace }
                guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { continue }
                names.insert(String(rest[..<end].dropFirst()))
            }
        }
        return names
    }

    @Test("names only tests that there are, and every promise has some")
    func tests() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/security.md"), encoding: .utf8)
        let names = try Self.names()
        #expect(names.count > 1_000)
        let promises = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix("Promises\n") })
        let sections = promises.components(separatedBy: "\n### ").dropFirst()
        #expect(sections.count > 8)
        for section in sections {
            let listed = section.split(separator: "\n").filter { $0.hasPrefix("- `") && $0.hasSuffix("`") }
                .map { String($0.dropFirst(3).dropLast()) }
            #expect(!listed.isEmpty, "\(section.prefix(60))")
            for name in listed { #expect(names.contains(name), "there is no test \(name)") }
        }
    }
}
