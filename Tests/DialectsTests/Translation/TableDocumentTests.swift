import Foundation
import Inference
import Testing

@testable import Dialects

/// A part of a document that is printed from the code.
struct PrintedSection: Sendable, CustomTestStringConvertible {
    var file: String
    var mark: String
    var text: @Sendable () -> String

    var testDescription: String { "docs/\(file), \(mark)" }

    static let all = [
        PrintedSection(file: "compatibility.md", mark: "members") { MemberTable.markdown },
        PrintedSection(file: "codex-tools.md", mark: "folded") { ToolTables.folded },
        PrintedSection(file: "codex-tools.md", mark: "trained") { ToolTables.trained },
        PrintedSection(file: "errors.md", mark: "errors") { ErrorTable.markdown },
        PrintedSection(file: "errors.md", mark: "refusals") { ErrorTable.refusals },
    ]
}

@Suite("The tables in docs are what the code says")
struct TableDocumentTests {
    /// With `TORII_PRINT_DOCS` set the section is written instead: how a change of the code gets into the document.
    @Test("a printed section holds", arguments: PrintedSection.all)
    func section(_ section: PrintedSection) throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/\(section.file)")
            .standardizedFileURL
        let document = try String(contentsOf: url, encoding: .utf8)
        let (opening, closing) = ("<!-- \(section.mark) -->\n", "\n<!-- /\(section.mark) -->")
        let start = try #require(document.range(of: opening)?.upperBound)
        let end = try #require(document.range(of: closing, range: start..<document.endIndex)?.lowerBound)
        guard ProcessInfo.processInfo.environment["TORII_PRINT_DOCS"] == nil else {
            let printed = document[..<start] + section.text() + document[end...]
            return try String(printed).write(to: url, atomically: true, encoding: .utf8)
        }
        let hint = "TORII_PRINT_DOCS=1 swift test --filter TableDocumentTests prints it anew"
        #expect(String(document[start..<end]) == section.text(), "\(hint)")
    }
}
