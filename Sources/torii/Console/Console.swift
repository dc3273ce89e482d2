#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard output, which carries the answer or JSON only, and standard error, which carries everything else.
struct Console: Sendable {
    /// Whoever read our standard output has gone, as `head` does; there is nobody left to tell.
    struct ReaderGone: Error {}

    private let output: Int32
    private let errors: Int32
    /// Whether a person sees standard output.
    let outputIsTerminal: Bool
    /// Whether a person sees standard error.
    let errorIsTerminal: Bool
    /// Whether a person can answer on standard input.
    let inputIsTerminal: Bool

    static let standard = Console()

    init(output: Int32 = 1, errors: Int32 = 2, input: Int32 = 0) {
        self.output = output
        self.errors = errors
        outputIsTerminal = isatty(output) == 1
        errorIsTerminal = isatty(errors) == 1
        inputIsTerminal = isatty(input) == 1
    }

    /// Makes a write to a closed pipe an error of that write; the signal would end the process in the midst of its work.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Writes to standard output at once.
    func write(_ text: String) throws(ReaderGone) {
        guard Self.writeAll(outputIsTerminal ? TerminalText.safe(text) : text, to: output) else { throw ReaderGone() }
    }

    /// Writes UTF-8 to standard output at once.
    func write(_ bytes: [UInt8]) throws(ReaderGone) {
        if outputIsTerminal { return try write(String(decoding: bytes, as: UTF8.self)) }
        guard Self.writeAll(bytes, to: output) else { throw ReaderGone() }
    }

    /// Puts lines in the place of all that the terminal shows.
    func redraw(_ text: String) throws(ReaderGone) {
        let lines = TerminalText.safe(text).split(separator: "\n", omittingEmptySubsequences: false)
        let screen = "\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[J"
        guard Self.writeAll(screen, to: output) else { throw ReaderGone() }
    }

    /// Writes control sequences of our own, and text that was made safe before.
    func draw(_ sequences: String) throws(ReaderGone) {
        guard Self.writeAll(sequences, to: output) else { throw ReaderGone() }
    }

    /// Writes a line to standard error; a closed one is no reason to stop.
    func note(_ line: String) {
        _ = Self.writeAll((errorIsTerminal ? TerminalText.safe(line) : line) + "\n", to: errors)
    }

    /// Writes over the current line of standard error, for progress.
    func overwrite(_ line: String) {
        _ = Self.writeAll("\r" + TerminalText.safe(line) + "\u{1B}[K", to: errors)
    }

    /// The width of the terminal in columns.
    var columns: Int {
        var size = winsize()
        guard ioctl(errors, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// How much room standard output's terminal has.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Asks a question on standard error and reads a line of the answer.
    func ask(_ question: String) -> String? {
        _ = Self.writeAll(question + " ", to: errors)
        return readLine()
    }

    private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Another process may have made a shared descriptor non-blocking.
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
