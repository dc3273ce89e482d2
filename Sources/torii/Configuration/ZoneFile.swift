import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time zones as the machine's own database has them.
enum ZoneFile {
    /// A zone's rules by its name, such as `Europe/Berlin`; nil for a name that the database does not have.
    static func rules(of name: String, environment: [String: String]) -> ZoneRules? {
        if name == "UTC" { return .utc }
        guard isName(name), let data = FileManager.default.contents(atPath: "\(folder(environment))/\(name)"),
            data.count <= 1 << 20
        else { return nil }
        return ZoneRules(name: name, file: Array(data))
    }

    /// What to do about a name that is none.
    static func advice(on name: String, environment: [String: String]) -> String {
        let folder = folder(environment)
        guard FilePath.isFolder(folder) else {
            return "There is no database at \(folder): install tzdata, or set TZDIR. UTC needs none."
        }
        let region = name.split(separator: "/").dropLast().joined(separator: "/")
        let prefix = region.isEmpty ? "" : "\(region)/"
        let isSafe = region.isEmpty || isName(region)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(isSafe ? region : "")")) ?? []
        if let near = Spelling.nearest(to: name, among: names.map { prefix + $0 }) { return "Did you mean \(near)?" }
        return "Zones have names such as Europe/Berlin, America/New_York or UTC."
    }

    private static func folder(_ environment: [String: String]) -> String {
        guard let folder = environment["TZDIR"], folder.hasPrefix("/") else { return "/usr/share/zoneinfo" }
        return folder
    }

    /// Parts of letters, digits, `_`, `-` and `+` with slashes between, so that it leads nowhere else.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty
                    && part.unicodeScalars.allSatisfy {
                        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-+".unicodeScalars.contains($0))
                    }
            }
    }
}
