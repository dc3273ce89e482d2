import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time zones as a machine's own database has them, each read once.
package final class ZoneDatabase: Sendable {
    /// Where its files are; an absolute path.
    package let folder: String
    private let known = Mutex<[String: ZoneRules]>([:])

    /// The database of this machine, or the one that the process was started with.
    package static let machine = ZoneDatabase(environment: ProcessInfo.processInfo.environment)

    package init(folder: String) { self.folder = folder }

    /// That of `TZDIR`, where it is an absolute path, else the system's.
    package convenience init(environment: [String: String]) {
        let given = environment["TZDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        self.init(folder: given ?? "/usr/share/zoneinfo")
    }

    /// A zone's rules by its name, such as `Europe/Berlin`; nil for a name that the database does not have.
    ///
    /// It may read a file, so that it is called off the event loops.
    package func rules(of name: String) -> ZoneRules? {
        if name == "UTC" { return .utc }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard Self.isName(name), let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
            data.count <= 1 << 20, let rules = ZoneRules(name: name, file: Array(data))
        else { return nil }
        known.withLock { $0[name] = rules }
        return rules
    }

    /// Parts of letters, digits, `_`, `-` and `+` with slashes between, so that it leads nowhere else.
    package static func isName(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty
                    && part.unicodeScalars.allSatisfy {
                        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-+".unicodeScalars.contains($0))
                    }
            }
    }
}
