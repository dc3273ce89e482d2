import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Puts the prompt together from the command line and from what is piped in.
enum Prompt {
    private static let inputLimit = 32 << 20

    /// The words as one text, with the piped text behind them.
    ///
    /// Throws a usage error where both are empty or the piped text cannot be a prompt.
    static func text(words: [String]) throws -> String {
        let piped = isPiped ? try readInput() : ""
        let text = joined(words: words, piped: piped)
        guard !text.isEmpty else {
            throw ValidationError("There is no prompt. Try: torii \"why is the sky blue?\", or torii --help.")
        }
        return text
    }

    /// An empty line divides the two; a newline at the end of what is piped in is not part of it.
    static func joined(words: [String], piped: String) -> String {
        var piped = piped[...]
        while let last = piped.last, last.isNewline { piped.removeLast() }
        return [words.joined(separator: " "), String(piped)].filter { text in !text.allSatisfy(\.isWhitespace) }
            .joined(separator: "\n\n")
    }

    /// Whether standard input is a pipe, a file or a socket; a terminal or `/dev/null` has nothing for us.
    private static var isPiped: Bool {
        var status = stat()
        guard fstat(0, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind == S_IFIFO || kind == S_IFREG || kind == S_IFSOCK
    }

    private static func readInput() throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(0, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= inputLimit else { throw ValidationError("More than 32 MiB are piped in.") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValidationError("What is piped in is not UTF-8 text.")
        }
        return text
    }
}
