#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes configuration files, which may hold keys.
enum PrivateFile {
    /// Writes a file whole or not at all, through a link to what it names; a new one gets mode 0600, its folders 0700.
    ///
    /// Throws `conflict` where the file exists and `overwrites` is not set, and `unreadable` where it cannot be written.
    static func write(_ text: String, to path: String, overwrites: Bool) throws(ConfigurationError) {
        let exists = FilePath.exists(path)
        guard overwrites || !exists else {
            throw ConfigurationError(.conflict, "\(path) exists", nextStep: "Give --force to overwrite it.")
        }
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        let mode = exists ? FilePath.mode(of: target) ?? 0o600 : 0o600
        let draft = target + ".new-\(UInt32.random(in: 0...UInt32.max))"
        do {
            try FileManager.default.createDirectory(
                atPath: FilePath.folder(of: target),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            guard FileManager.default.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: mode])
            else {
                throw CocoaError(.fileWriteUnknown)
            }
            try Data(text.utf8).write(to: URL(filePath: draft))
            try Process.rename(draft, to: target)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw ConfigurationError(.unreadable, "\(path) cannot be written")
        }
    }
}
