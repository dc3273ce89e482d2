import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time zones of the configuration.
enum ZoneFile {
    /// A zone's rules by its name, such as `Europe/Berlin`; nil for a name that the database does not have.
    static func rules(of name: String, environment: [String: String]) -> ZoneRules? {
        ZoneDatabase(environment: environment).rules(of: name)
    }

    /// What to do about a name that is none.
    static func advice(on name: String, environment: [String: String]) -> String {
        let folder = ZoneDatabase(environment: environment).folder
        guard FilePath.isFolder(folder) else {
            return "There is no database at \(folder): install tzdata, or set TZDIR. UTC needs none."
        }
        let region = name.split(separator: "/").dropLast().joined(separator: "/")
        let prefix = region.isEmpty ? "" : "\(region)/"
        let isSafe = region.isEmpty || ZoneDatabase.isName(region)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(isSafe ? region : "")")) ?? []
        if let near = Spelling.nearest(to: name, among: names.map { prefix + $0 }) { return "Did you mean \(near)?" }
        return "Zones have names such as Europe/Berlin, America/New_York or UTC."
    }
}
