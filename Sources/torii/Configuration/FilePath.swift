#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the configuration needs of the file system.
enum FilePath {
    /// Resolves `~/` and a relative path.
    static func absolute(_ path: String, folder: String, home: String) -> String {
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home + path.dropFirst(1) }
        return path.hasPrefix("/") || path.isEmpty ? path : "\(folder)/\(path)"
    }

    /// The folder that a file is in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The part behind the last dot of the file's name, in lower case; empty where there is none.
    static func suffix(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// A small file's text; nil where it cannot be read, is above 1 MiB or is not UTF-8.
    static func text(at path: String) -> String? {
        guard let size = attributes(of: path)?[.size] as? Int, size <= 1 << 20,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        return String(validating: data, as: UTF8.self)
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    /// The permission bits, such as 0o600.
    static func mode(of path: String) -> Int? { attributes(of: path)?[.posixPermissions] as? Int }

    private static func attributes(of path: String) -> [FileAttributeKey: Any]? {
        // A file that is not there has no attributes; which of the reasons it is does not matter here.
        do { return try FileManager.default.attributesOfItem(atPath: path) } catch { return nil }
    }
}
