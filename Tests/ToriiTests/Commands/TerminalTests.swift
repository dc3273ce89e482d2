import Foundation
import ScriptedUpstream
import Testing

@testable import torii

#if os(Linux)
import Glibc

@Suite struct TerminalTests {
    /// A terminal of its own: what a person at it would see, and a way to type.
    private struct Terminal {
        struct Unavailable: Error {}

        let person: FileHandle
        let program: FileHandle

        init() throws {
            let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var locked: Int32 = 0
            var number: UInt32 = 0
            // TIOCSPTLCK and TIOCGPTN, which the C library's module does not name.
            guard master >= 0, ioctl(master, 0x4004_5431, &locked) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
                throw Unavailable()
            }
            let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
            guard slave >= 0 else { throw Unavailable() }
            person = FileHandle(fileDescriptor: master, closeOnDealloc: true)
            program = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
        }

        /// How it treats what is typed.
        func mode() throws -> termios {
            var mode = termios()
            guard tcgetattr(program.fileDescriptor, &mode) == 0 else { throw Unavailable() }
            return mode
        }

        /// Reads until the text stands on the screen.
        func see(_ text: String) async throws -> String {
            var seen = ""
            while !seen.contains(text) {
                let pipe = person
                let more = try await Binary.blocking { pipe.availableData }
                guard !more.isEmpty else { break }
                seen += String(decoding: more, as: UTF8.self)
            }
            return seen
        }
    }

    @Test("an answer cannot drive the terminal: no escape sequence of a model reaches it")
    func controls() async throws {
        let scratch = try Scratch()
        let words = ["a\u{1B}]0;owned\u{07}", "\u{1B}[2Jb", "\u{9B}31mc", "the end"]
        let upstream = try await ScriptedUpstream.start { _ in
            Answer.stream(ModelAnswers.chat(words.map(Self.escaped)).map { $0.replacing("\\\\u", with: "\\u") })
        }
        let text = "providers: [{name: up, base_url: '\(upstream.url)/v1', model: m, dialect: chat}]\n"
        let file = try scratch.write("config.yaml", text)
        let terminal = try Terminal()
        let program = try Binary(home: scratch.path).start(["--config", file, "go"], output: terminal.program)
        let seen = try await terminal.see("the end\r\n")
        #expect(await program.ending == .exit(0))
        await upstream.shutdown()
        #expect(seen == "a]0;owned[2Jb31mcthe end\r\n")
    }

    @Test("on a terminal a first word that looks like a command is asked about", arguments: [("n", 2), ("y", 7)])
    func asked(answer: String, status: Int32) async throws {
        let scratch = try Scratch()
        // Nothing listens on port 1: a prompt that is sent fails with 7.
        let text = "providers: [{name: up, base_url: 'http://127.0.0.1:1/v1', model: m, dialect: chat}]\n"
        let file = try scratch.write("config.yaml", text)
        let terminal = try Terminal()
        let program = try Binary(home: scratch.path).start(
            ["--config", file, "serv"],
            input: terminal.program,
            output: terminal.program,
            errors: terminal.program
        )
        let question = try await terminal.see("[y/N]")
        #expect(question.contains("serv looks like the command serve."))
        try terminal.person.write(contentsOf: Data("\(answer)\n".utf8))
        #expect(await program.ending == .exit(status))
    }

    @Test("on a terminal whoever erases captures is asked", arguments: [("n", 2), ("y", 1)])
    func askedToErase(answer: String, status: Int32) async throws {
        let scratch = try Scratch()
        let terminal = try Terminal()
        // Nothing listens on port 1: an erasure that is wanted fails with 1.
        let program = try Binary(home: scratch.path).start(
            ["captures", "erase", "--user", "ada", "--tenant", "acme", "--url", "http://127.0.0.1:1"],
            input: terminal.program,
            output: terminal.program,
            errors: terminal.program
        )
        let question = try await terminal.see("[y/N]")
        #expect(question.contains("Erase for good what is kept of user ada, tenant acme?"))
        try terminal.person.write(contentsOf: Data("\(answer)\n".utf8))
        #expect(await program.ending == .exit(status))
    }

    @Test("on a terminal torii status --watch shows each picture in the place of the one before")
    func watched() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        let terminal = try Terminal()
        let program = try torii.start(["status", "--watch", "--url", gateway.admin], output: terminal.program)
        let home = "\u{1B}[Htorii "
        #expect(try await terminal.see("\u{1B}[J").hasPrefix(home))
        #expect(try await terminal.see("\u{1B}[J").hasPrefix(home))
        program.send(SIGINT)
        #expect(await program.ending == .exit(130))
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("torii top takes the terminal and gives it back as it was, by q and by a signal", arguments: [true, false])
    func top(byKey: Bool) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let torii = Binary(home: scratch.path)
        let gateway = try await RunningGateway.start(torii, ["--config", file])
        let terminal = try Terminal()
        let program = try torii.start(
            ["top", "--interval", "0.1", "--url", gateway.admin],
            input: terminal.program,
            output: terminal.program
        )
        let seen = try await terminal.see("space pause")
        #expect(seen.contains("\u{1B}[?1049h") && seen.contains("torii top  http://127.0.0.1:"))
        #expect(try terminal.mode().c_lflag & tcflag_t(ECHO | ICANON) == 0)
        try terminal.person.write(contentsOf: Data("t".utf8))
        _ = try await terminal.see("TENANT")
        if byKey { try terminal.person.write(contentsOf: Data("q".utf8)) } else { program.send(SIGTERM) }
        _ = try await terminal.see("\u{1B}[?1049l")
        #expect(await program.ending == .exit(byKey ? 0 : 130))
        let both = tcflag_t(ECHO | ICANON)
        #expect(try terminal.mode().c_lflag & both == both)
        #expect(try await gateway.stop() == .exit(0))
    }

    @Test("a gateway that was started on a terminal ends well when the terminal is closed")
    func closed() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("config.yaml", "providers: [{name: demo, base_url: 'scripted:'}]\n")
        let terminal = try Terminal()
        let program = try Binary(home: scratch.path).start(
            ["serve", "--port", "0", "--admin-port", "0", "--config", file],
            errors: terminal.program
        )
        _ = try await terminal.see("listening on")
        // As long as the terminal is there, the same signal is a wish to reload.
        program.send(SIGHUP)
        _ = try await terminal.see("it is number 2")
        try terminal.person.close()
        program.send(SIGHUP)
        #expect(await program.ending == .exit(0))
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            guard scalar.value < 0x20 else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        .joined()
    }
}
#endif
