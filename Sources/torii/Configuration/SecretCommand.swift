#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs the command of a `cmd:` reference: `/bin/sh -c COMMAND`, no standard input, its errors on our standard error.
enum SecretCommand {
    /// Why there is no secret; the reason never holds the command's output.
    struct Failure: Error {
        let reason: String
    }

    private static let outputLimit = 64 << 10

    /// What the command writes, without white space at its end.
    ///
    /// Blocks until it ends or the deadline passes; then it is killed with all that it started.
    static func output(
        of command: String,
        environment: [String: String],
        deadline: Duration = .seconds(10)
    ) throws(Failure) -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(reason: "cannot be run: no pipe") }
        // A program that another thread starts now must not hold it open; the command gets a copy.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try spawn(command, environment: environment, output: ends[1], unused: ends[0])
        }
        let end = ContinuousClock.now + deadline
        let bytes: [UInt8]
        let status: Int32
        do {
            bytes = try read(ends[0], until: end)
            status = try wait(for: process, until: end)
        } catch {
            kill(-process, SIGKILL)
            _ = try? wait(for: process, until: .now + .seconds(1))
            throw error
        }
        guard status == 0 else { throw Failure(reason: "failed with status \(status)") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(reason: "wrote no UTF-8") }
        var secret = text[...]
        while let last = secret.last, last.isWhitespace { secret.removeLast() }
        guard !secret.isEmpty else { throw Failure(reason: "wrote nothing") }
        return String(secret)
    }

    private static func spawn(
        _ command: String,
        environment: [String: String],
        output: Int32,
        unused: Int32
    ) throws(Failure) -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addclose(&actions, unused)
        // A process group of its own, so that the deadline ends whatever the shell started too.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let words = ["/bin/sh", "-c", command]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw Failure(reason: "cannot be run: \(String(cString: strerror(code)))") }
        return process
    }

    private static func read(_ end: Int32, until deadline: ContinuousClock.Instant) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let left = deadline - .now
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { throw Failure(reason: "did not end in time") }
            var descriptor = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: milliseconds))
            if ready == 0 { throw Failure(reason: "did not end in time") }
            if ready < 0 {
                guard errno == EINTR else { throw Failure(reason: "cannot be read") }
                continue
            }
            let count = unistdRead(end, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0 else { throw Failure(reason: "cannot be read") }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= outputLimit else { throw Failure(reason: "wrote more than 64 KiB") }
        }
    }

    /// The exit status; 128 and the signal's number for a process that a signal ended.
    private static func wait(for process: pid_t, until deadline: ContinuousClock.Instant) throws(Failure) -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            guard ended == 0 || errno == EINTR else { throw Failure(reason: "cannot be waited for") }
            guard ContinuousClock.now < deadline else { throw Failure(reason: "did not end in time") }
            poll(nil, 0, 2)
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func unistdRead(_ end: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.read(end, buffer, count)
        #elseif canImport(Musl)
        Musl.read(end, buffer, count)
        #else
        Darwin.read(end, buffer, count)
        #endif
    }
}
