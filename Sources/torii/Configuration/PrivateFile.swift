#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes configuration files, which may hold keys.
enum PrivateFile {
    /// Makes a folder, and those above it, with mode 0700.
    ///
    /// Throws `unreadable` where it cannot be made.
    static func makeFolder(_ path: String) throws(ConfigurationError) {
        do { try createFolder(path) } catch { throw ConfigurationError(.unreadable, "\(path) cannot be made") }
    }

    private static func createFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

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
            try Self.createFolder(FilePath.folder(of: target))
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
