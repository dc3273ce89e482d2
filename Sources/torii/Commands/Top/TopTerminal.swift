#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The terminal while torii top draws on it: another screen, no cursor, and keys without Enter.
struct TopTerminal {
    private let console: Console
    private let input: Int32
    /// As it was before.
    private let before: termios

    /// Nil where there is no terminal for both keys and pictures.
    init?(_ console: Console, input: Int32 = 0) {
        var before = termios()
        guard console.outputIsTerminal, tcgetattr(input, &before) == 0 else { return nil }
        self.console = console
        self.input = input
        self.before = before
    }

    /// Takes the terminal; `leave` gives it back, and does no harm where it was not taken.
    func enter() throws(Console.ReaderGone) {
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
        tcsetattr(input, TCSADRAIN, &raw)
        try console.draw("\u{1B}[?1049h\u{1B}[?25l")
    }

    func leave() {
        var before = before
        tcsetattr(input, TCSADRAIN, &before)
        // A terminal that is gone has nothing to be given back.
        _ = try? console.draw("\u{1B}[?25h\u{1B}[?1049l")
    }

    func show(_ model: TopModel, place: String, inColour: Bool) throws(Console.ReaderGone) {
        let size = console.size
        let screen = TopScreen(model, place: place, columns: size.columns, rows: size.rows)
        try console.draw(screen.sequences(inColour: inColour))
    }

    /// Waits for keys, so many milliseconds at most; blocks.
    ///
    /// - Returns: nothing where none came, nil where none can come any more.
    static func bytes(from input: Int32 = 0, within milliseconds: Int32) -> [UInt8]? {
        var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: mostBytes)
        let count = read(input, &bytes, mostBytes)
        guard count > 0 else { return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : nil }
        return Array(bytes.prefix(count))
    }

    private static let mostBytes = 256
}
