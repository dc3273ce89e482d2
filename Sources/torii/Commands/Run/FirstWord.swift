import ArgumentParser

/// Keeps a mistyped command from being sent to a model as a prompt.
enum FirstWord {
    /// The command that the first word of a prompt may have been meant as.
    ///
    /// Only a word that stands alone can be one: `"serve the people"` in quotes is a prompt.
    static func command(meantBy word: String, among names: [String]) -> String? {
        guard !word.isEmpty, !word.contains(where: \.isWhitespace) else { return nil }
        if names.contains(word.lowercased()) { return word.lowercased() }
        let near = names.map { (name: $0, distance: Spelling.distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= (near.name.count > 4 ? 2 : 1), word.count > 1 else { return nil }
        return near.name
    }

    /// Asks on a terminal whether the word is a prompt; elsewhere nobody can answer, and it is a usage error.
    static func check(_ words: [String], among names: [String], console: Console) throws {
        guard let word = words.first, let command = command(meantBy: word, among: names) else { return }
        let rest = words.dropFirst().map { " " + $0 }.joined()
        let isExact = word == command
        let meaning =
            isExact ? "\(word) is a command, and commands come first" : "\(word) looks like the command \(command)"
        if console.inputIsTerminal, console.errorIsTerminal {
            let answer = console.ask("torii: \(meaning). Send it to a model as a prompt? [y/N]")
            if let answer, ["y", "yes"].contains(answer.lowercased()) { return }
            console.note("Run the command: torii \(command)\(rest)")
            throw Exit(.usage)
        }
        console.note("torii: \(meaning).")
        console.note("  For the command: torii \(command)\(rest)")
        console.note("  To send it to a model: torii run \(word)\(rest)")
        throw Exit(.usage)
    }
}
