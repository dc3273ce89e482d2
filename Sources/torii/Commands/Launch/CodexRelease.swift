/// Which Codex is installed.
struct CodexRelease: Sendable {
    /// The first two numbers of its version; nil where it does not say.
    let version: (major: Int, minor: Int)?

    init(_ text: String) {
        let word = text.split(whereSeparator: \.isWhitespace).last ?? ""
        let numbers = word.split(separator: ".").prefix(2).map { Int($0) }
        if numbers.count == 2, let major = numbers[0], let minor = numbers[1] {
            version = (major, minor)
        } else {
            version = nil
        }
    }

    /// Asks the program itself.
    init(_ executable: String, _ environment: [String: String]) {
        let command = "\(ShellWord.quoted(executable)) --version"
        // A Codex that cannot say its version is taken for a new one.
        let text = try? SecretCommand.output(of: command, environment: environment)
        self.init(text ?? "")
    }

    /// Whether it cannot ask a provider for its models, and takes a file only.
    var isOlderThanCatalogues: Bool {
        guard let version else { return false }
        return version < (0, 159)
    }
}
