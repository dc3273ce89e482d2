#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The running process.
enum Process {
    /// Ends the process at once; nothing is buffered that would be lost.
    static func end(_ status: Int32) -> Never { exit(status) }

    /// Asks this process to stop, as a service manager does.
    static func askToStop() { kill(getpid(), SIGTERM) }
}

/// The system's numbers for what went wrong.
enum SystemErrors {
    static let addressInUse = EADDRINUSE
}

extension Process {
    /// Why the system refused.
    struct SystemError: Error {
        let number: Int32
    }

    /// Puts a file in the place of another in one step.
    static func rename(_ path: String, to other: String) throws(SystemError) {
        #if canImport(Glibc)
        let result = Glibc.rename(path, other)
        #elseif canImport(Musl)
        let result = Musl.rename(path, other)
        #else
        let result = Darwin.rename(path, other)
        #endif
        guard result == 0 else { throw SystemError(number: errno) }
    }
}
