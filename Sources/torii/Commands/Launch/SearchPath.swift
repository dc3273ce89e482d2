#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The folders of `$PATH`.
struct SearchPath: Sendable {
    private let folders: [Substring]

    init(_ environment: [String: String]) {
        // An empty part means the working directory, from which nothing is started here.
        folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    }

    /// The path of a program; nil where no folder has it.
    func executable(_ name: String) -> String? {
        folders.lazy.map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) && !FilePath.isFolder($0) }
    }
}
