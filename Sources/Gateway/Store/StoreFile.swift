import GRDB

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Opens the database, in a file that is its user's alone.
enum StoreFile {
    /// Opens the store's file, or makes it, and brings its tables up to date.
    ///
    /// `isDurable` has every transaction outlive a loss of power.
    ///
    /// - Throws: where it cannot be used: no folder, no right to it, no database, or one of a later version.
    static func database(
        _ place: StoreSettings.Place,
        _ migrator: DatabaseMigrator = ResponseSchema.migrator,
        isDurable: Bool = false
    ) throws -> DatabaseQueue {
        switch place {
        case .memory:
            return try prepared(DatabaseQueue(configuration: configuration()), migrator, isDurable: isDurable)
        case .file(let path):
            try makePrivate(path)
            var configuration = configuration()
            configuration.journalMode = .wal
            return try prepared(
                DatabaseQueue(path: path, configuration: configuration),
                migrator,
                isDurable: isDurable
            )
        }
    }

    /// The same for a file that is read by up to so many at a time while it is written; every transaction outlives a loss of
    /// power.
    static func pool(_ path: String, _ migrator: DatabaseMigrator, readers: Int) throws -> DatabasePool {
        try makePrivate(path)
        var configuration = configuration()
        configuration.maximumReaderCount = readers
        return try prepared(DatabasePool(path: path, configuration: configuration), migrator, isDurable: true)
    }

    private static func prepared<Writer: DatabaseWriter>(
        _ writer: Writer,
        _ migrator: DatabaseMigrator,
        isDurable: Bool
    ) throws -> Writer {
        // Here and not where a connection is prepared: GRDB says NORMAL when it turns the log on, which is behind that.
        try writer.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
        }
        guard try !writer.read(migrator.hasBeenSuperseded) else { throw StoreFileProblem.isNewer }
        do { try migrator.migrate(writer) } catch {
            // Another torii that begins at the same moment may have made the very step.
            try migrator.migrate(writer)
        }
        return writer
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        // Another torii may use the same file.
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            if !database.configuration.readonly {
                // Takes effect only where there is no table yet.
                try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            // At most 2 MiB of pages in memory, and no more of the log on disk than a few responses need.
            try database.execute(sql: "PRAGMA cache_size = -2048")
            try database.execute(sql: "PRAGMA journal_size_limit = \(16 << 20)")
            try database.execute(sql: "PRAGMA secure_delete = FAST")
        }
        return configuration
    }

    /// Whether there is certainly no file of this path.
    static func isAbsent(_ path: String) -> Bool { access(path, F_OK) != 0 && [ENOENT, ENOTDIR].contains(errno) }

    /// Makes the folder (0700) and the file (0600) before SQLite does, whose files beside it get the same mode.
    private static func makePrivate(_ path: String) throws {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try PrivateFolder.make(String(path[..<slash]))
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFileProblem.system(errno) }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw StoreFileProblem.system(errno) }
    }
}

/// Why the store's file cannot be used.
enum StoreFileProblem: Error, CustomStringConvertible {
    case system(Int32)
    /// A later torii has changed its tables.
    case isNewer
    /// The file of the sealing key holds something else.
    case noKey
    /// The hashes in it were made with another key than the one beside it.
    case otherKey

    var description: String {
        switch self {
        case .system(let number): String(cString: strerror(number))
        case .isNewer: "it was made by a later version of torii"
        case .noKey: "it holds no key of 32 bytes"
        case .otherKey: "identity.key is not the key that it was made with. Put the right one back"
        }
    }
}

/// A folder for what is nobody else's business.
enum PrivateFolder {
    /// Makes a folder and those above it where they are missing, with mode 0700.
    static func make(_ path: String) throws {
        var whole = ""
        for part in path.split(separator: "/") {
            whole += "/" + part
            guard mkdir(whole, 0o700) != 0, errno != EEXIST else { continue }
            // Folders above that are there already may be on a file system that is only read.
            let reason = errno
            let descriptor = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw StoreFileProblem.system(reason) }
            close(descriptor)
        }
    }
}
