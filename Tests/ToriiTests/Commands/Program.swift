import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A program that runs as a process of its own.
///
/// In place of Foundation's `Process`, whose run loop misses an end now and then where several threads start programs, and
/// which then waits for ever.
final class Program: Sendable {
    enum Ending: Hashable {
        /// With its status.
        case exit(Int32)
        /// By the signal of this number.
        case signal(Int32)
    }

    struct DidNotStart: Error {
        let path: String
        let number: Int32
    }

    private static let spawning = Mutex(())

    /// Does something while no program starts: what is open meanwhile is not open in one of them as well.
    static func whileNoneStarts<Result>(_ body: () throws -> Result) rethrows -> Result {
        try spawning.withLock { _ in try body() }
    }

    let identifier: pid_t
    private let waiting: Task<Ending, Never>
    private let hasEnded: Ended

    private final class Ended: Sendable {
        let value = Mutex(false)
    }

    /// Starts a program; a stream that is nil leads nowhere.
    init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        folder: String,
        input: (any ProgramStream)?,
        output: (any ProgramStream)?,
        errors: (any ProgramStream)?
    ) throws {
        let streams = [input, output, errors]
        let ends = streams.enumerated().map { $1?.end(isInput: $0 == 0) }
        // There is no way to name the folder to posix_spawn on every system.
        let words = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder, path] + arguments
        let identifier = try Self.spawn(words, environment, ends.map { $0?.fileDescriptor })
        // What only the program has is at its end when the program is.
        for (place, stream) in streams.enumerated() where stream is Pipe { try? ends[place]?.close() }
        let hasEnded = Ended()
        self.identifier = identifier
        self.hasEnded = hasEnded
        waiting = Task {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: Self.wait(for: identifier, hasEnded)) }
            }
        }
    }

    var isRunning: Bool { !hasEnded.value.withLock { $0 } }

    /// How it ended, once it has; one that takes two minutes for that is killed.
    var ending: Ending {
        get async {
            let deadline = Task {
                try await Task.sleep(for: .seconds(120))
                send(SIGKILL)
            }
            defer { deadline.cancel() }
            return await waiting.value
        }
    }

    /// Sends a signal, if it is still running.
    func send(_ signal: Int32) {
        hasEnded.value.withLock { hasEnded in
            if !hasEnded { kill(identifier, signal) }
        }
    }

    private static func wait(for identifier: pid_t, _ hasEnded: Ended) -> Ending {
        // It stays a zombie, and its number its own, until nobody can send it a signal any more.
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        var status: Int32 = 0
        hasEnded.value.withLock { hasEnded in
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            hasEnded = true
        }
        let signal = status & 0x7F
        return signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
    }

    private static func spawn(
        _ words: [String],
        _ environment: [String: String],
        _ descriptors: [Int32?]
    ) throws -> pid_t {
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
        for (place, descriptor) in descriptors.enumerated() {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(place), "/dev/null", O_RDWR, 0)
            }
        }
        var none = sigset_t()
        sigemptyset(&none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for number in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&usual, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var identifier: pid_t = 0
        let number = spawning.withLock { _ in
            // A program gets its three streams and nothing else of what is open here.
            for descriptor in 3..<Int32(1024) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            return posix_spawn(&identifier, words[0], &actions, &attributes, &arguments, &variables)
        }
        guard number == 0 else { throw DidNotStart(path: words[0], number: number) }
        return identifier
    }
}

/// What a program's standard input, output or errors can be: a pipe, or something that is open.
protocol ProgramStream {
    /// The end that the program gets.
    func end(isInput: Bool) -> FileHandle
}

extension Pipe: ProgramStream {
    /// A pipe whose end is the end of the one program that it is given to.
    static func toProgram() -> Pipe {
        Program.whileNoneStarts {
            let pipe = Pipe()
            for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
                _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
            }
            return pipe
        }
    }

    func end(isInput: Bool) -> FileHandle { isInput ? fileHandleForReading : fileHandleForWriting }
}

extension FileHandle: ProgramStream {
    func end(isInput: Bool) -> FileHandle { self }
}
