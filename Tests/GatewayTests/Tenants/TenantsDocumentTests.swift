import Foundation
import Testing

@testable import Gateway

/// The tables of docs/tenants.md.
enum TenantsDocument {
    /// The rows of the table whose first column has this title.
    static func rows(behind title: String) throws -> [[String]] {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/tenants.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(title) |") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().components(separatedBy: "|")
                .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
    }
}

@Suite("The page about tenants")
struct TenantsDocumentTests {
    @Test("lists the members of each kind, and who sets them", arguments: IdentityKind.allCases)
    func fields(_ kind: IdentityKind) throws {
        let rows = try TenantsDocument.rows(behind: "Of a \(kind.noun)")
        let expected = kind.fields.map {
            [
                $0.name,
                $0.use == .given && $0.isRequired
                    ? "given, required" : $0.isRequired ? "changeable, required" : $0.use.rawValue,
            ]
        }
        #expect(rows.map { Array($0.prefix(2)) } == expected)
    }

    @Test("lists every code with its status")
    func codes() throws {
        let rows = try TenantsDocument.rows(behind: "Code")
        #expect(
            rows.map { Array($0.prefix(2)) }
                == AdministrationProblem.Code.allCases.map { [$0.rawValue, "\($0.status)"] }
        )
    }

    @Test("lists every path that is served")
    func paths() throws {
        let rows = try TenantsDocument.rows(behind: "Path")
        let listed = Set(rows.compactMap(\.first))
        let served = Set(
            IdentityRoutes.paths.map { "/admin/v1/" + $0.replacing(":id", with: "{id}") } + ["/admin/v1/reload"]
        )
        #expect(listed == served)
    }
}
