import Providers

/// Where a secret is: in the configuration itself, or somewhere that the configuration only names.
enum SecretReference: Sendable, Hashable {
    case literal(Secret)
    /// `env:NAME`
    case environment(String)
    /// `file:PATH`: the file's text without white space at its end.
    case file(String)
    /// `cmd:COMMAND`: what the command, run by `/bin/sh`, writes, without white space at its end.
    case command(String)

    /// Reads a reference; anything without a known prefix is the secret itself, and a relative `file:` starts from `folder`.
    init(_ text: String, folder: String, home: String) {
        if text.hasPrefix("env:") {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:") {
            self = .file(FilePath.absolute(String(text.dropFirst(5)), folder: folder, home: home))
        } else if text.hasPrefix("cmd:") {
            self = .command(String(text.dropFirst(4)))
        } else {
            self = .literal(Secret(text))
        }
    }

    /// Whether the reference itself names nothing, as in `env:`.
    var isBlank: Bool {
        switch self {
        case .literal: false
        case .environment(let name): name.isEmpty
        case .file(let path): path.isEmpty
        case .command(let command): command.allSatisfy(\.isWhitespace)
        }
    }

    /// The reference as it may be shown: a literal is masked.
    var shown: String {
        switch self {
        case .literal(let secret): secret.description
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .command(let command): "cmd:\(command)"
        }
    }

    /// Fetches the secret.
    ///
    /// `subject` says for the message whose secret it is, such as `the api_key of provider openai`. What is thrown,
    /// `unresolvedSecret`, names the reference and never the secret.
    func resolve(
        for subject: String,
        at position: SourcePosition?,
        environment: [String: String]
    ) throws(ConfigurationError) -> Secret {
        switch self {
        case .literal(let secret): return secret
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw ConfigurationError(
                    .unresolvedSecret,
                    "\(subject) is env:\(name), and the environment variable \(name) is not set",
                    at: position,
                    nextStep: "Set it: export \(name)=…"
                )
            }
            return Secret(value)
        case .file(let path):
            guard let text = FilePath.text(at: path)?.trimmedEnd, !text.isEmpty else {
                throw ConfigurationError(
                    .unresolvedSecret,
                    "\(subject) is file:\(path), which is empty or cannot be read",
                    at: position,
                    nextStep: "Write the key alone into this file, with mode 0600."
                )
            }
            return Secret(text)
        case .command(let command):
            do {
                return Secret(try SecretCommand.output(of: command, environment: environment))
            } catch {
                throw ConfigurationError(
                    .unresolvedSecret,
                    "\(subject) is cmd:\(command), which \(error.reason)",
                    at: position,
                    nextStep: "Run the command by hand: it has to write the key to its standard output."
                )
            }
        }
    }
}

extension String {
    /// The text without white space at its end.
    fileprivate var trimmedEnd: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
