#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that is written bit by bit, with mode 0600, and has its name when it is whole.
///
/// What is there already and is no file, such as a pipe, is written to as it is.
struct NewFile {
    private let path: String
    private let draft: String
    private let descriptor: Int32

    /// - Throws: `Exit` after the reason was said.
    init(_ path: String) throws {
        var status = stat()
        let isFile = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
        self.path = path
        draft = isFile ? path + ".part" : path
        descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        // One that was left behind has the mode that it was made with.
        guard isFile, fchmod(descriptor, 0o600) != 0 else { return }
        let number = errno
        close(descriptor)
        throw Self.failure(path, number)
    }

    func write(_ text: String) throws {
        do { try Console(output: descriptor).write(text) } catch { throw Self.failure(path, errno) }
    }

    /// Closes it and gives it its name.
    func finish() throws {
        guard close(descriptor) == 0 else { throw Self.failure(path, errno) }
        guard draft != path else { return }
        do { try Process.rename(draft, to: path) } catch { throw Self.failure(path, error.number) }
    }

    /// Takes back what was written.
    func discard() {
        close(descriptor)
        if draft != path { unlink(draft) }
    }

    private static func failure(_ path: String, _ number: Int32) -> Exit {
        Console.standard.note("torii: \(path) cannot be written: \(String(cString: strerror(number)))")
        return Exit(.failed)
    }
}
