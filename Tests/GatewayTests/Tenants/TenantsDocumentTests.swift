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

    @Test("lists every path that is served, with all that can be done on it")
    func paths() throws {
        let rows = try TenantsDocument.rows(behind: "Path")
        var listed: [String: [String]] = [:]
        for row in rows {
            listed[row[0]] = row[1].matches(of: /\b(GET|POST|PATCH|DELETE)\b/).map { String($0.output.1) }
        }
        let served = Dictionary(grouping: AdministrationOperation.all, by: \.path).mapValues { $0.map(\.method) }
        #expect(listed == served)
    }

    @Test("lists every member of LiteLLM's that is known, and what becomes of it")
    func liteLLM() throws {
        let rows = try TenantsDocument.rows(behind: "LiteLLM's member")
        let expected = LiteLLMKeys.members.map { member in
            switch member.meaning {
            case .ours(let name): [member.name, name]
            case .duration: [member.name, "expires_at"]
            case .keyType: [member.name, "role, scopes"]
            case .budget: [member.name, "daily_budget, monthly_budget"]
            case .budgetDuration: [member.name, "daily_budget or monthly_budget"]
            case .limit(let name): [member.name, IdentityKind.keys.field(name) == nil ? "refused" : name]
            case .notKept: [member.name, "not kept"]
            case .refused: [member.name, "refused"]
            }
        }
        #expect(rows.map { $0.prefix(2).map { $0.replacing("`", with: "") } } == expected)
    }
}
