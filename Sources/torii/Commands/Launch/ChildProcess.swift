import NIOPosix
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that gets the terminal as it is: the same streams, the same process group, signals as a shell leaves them.
struct ChildProcess: Sendable {
    /// A path.
    let executable: String
    /// With the program's own name in front.
    let arguments: [String]
    let environment: [String: String]

    /// What torii or its runtime has set otherwise, and a child would inherit.
    private static let signals = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU]

    /// Becomes the program; what it gives back is why it could not.
    func replaceThisProcess() -> ConfigurationError {
        for number in Self.signals { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        let failure = withStrings { arguments, variables in
            _ = execve(executable, arguments, variables)
            return errno
        }
        return refused(failure)
    }

    /// Runs the program and waits for its end; signals to this process go on to it.
    ///
    /// Gives its exit status, 128 and the signal's number where a signal ended it.
    func runToEnd() async throws -> Int32 {
        // Ctrl-C goes to everybody at the terminal; what it means is the program's to say.
        let isAtTerminal = isatty(0) == 1
        for number in [SIGINT, SIGQUIT] where isAtTerminal { signal(number, SIG_IGN) }
        var passedOn: [UnixSignal] = [.sigterm, .sighup]
        if !isAtTerminal { passedOn.append(.sigint) }
        let signals = await UnixSignalsSequence(trapping: passedOn)
        let process = try spawn()
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await NIOThreadPool.singleton.runIfActive { Self.wait(for: process) } }
            group.addTask {
                for await signal in signals { kill(process, signal.rawValue) }
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            return 1
        }
    }

    private func spawn() throws(ConfigurationError) -> pid_t {
        #if canImport(Darwin)
        var attributes: posix_spawnattr_t?
        #else
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in Self.signals { sigaddset(&usual, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process: pid_t = 0
        let failure = withStrings { arguments, variables in
            posix_spawn(&process, executable, nil, &attributes, arguments, variables)
        }
        guard failure == 0 else { throw refused(failure) }
        return process
    }

    /// Blocks until the program has ended.
    private static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return 1 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private func withStrings<Value>(
        _ body: (
            UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
        ) -> Value
    ) -> Value {
        var arguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        return body(&arguments, &variables)
    }

    private func refused(_ number: Int32) -> ConfigurationError {
        ConfigurationError(.unreadable, "\(executable) cannot be run: \(String(cString: strerror(number)))")
    }
}

/// A file that a log is appended to, begun anew, for its owner's eyes.
struct LogFile: Sendable {
    let descriptor: Int32

    init(at path: String) throws(ConfigurationError) {
        try PrivateFile.makeFolder(FilePath.folder(of: path))
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ConfigurationError(.unreadable, "\(path) cannot be written") }
    }

    func close() {
        #if canImport(Glibc)
        Glibc.close(descriptor)
        #elseif canImport(Musl)
        Musl.close(descriptor)
        #else
        Darwin.close(descriptor)
        #endif
    }
}
