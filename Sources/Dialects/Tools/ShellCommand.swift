import JSON

/// A command for a shell, read from whatever arguments a model gave it.
struct ShellCommand: Sendable {
    private enum Form {
        case list([String])
        case script(String)
    }

    private let form: Form
    let workdir: String?
    /// In milliseconds, as it was written.
    let timeout: JSONValue?

    /// A script without more.
    init(script: String) {
        (form, workdir, timeout) = (.script(script), nil, nil)
    }

    /// Reads arguments; nil if they hold no command.
    init?(_ arguments: String) {
        guard let root = (try? JSONDocument(arguments))?.root else { return nil }
        let holder = Self.names.lazy.compactMap { root[$0] }.first { !$0.isNull }
        guard let form = Self.form(of: root.kind == .object ? holder : root) else { return nil }
        self.form = form
        workdir = ["workdir", "working_directory", "cwd"].lazy.compactMap { root[$0]?.string }.first
        timeout = ["timeout_ms", "timeout"].lazy.compactMap { root[$0] }.first { $0.kind == .number }
            .map { JSONValue($0) }
    }

    static let names = ["command", "cmd", "commands", "script"]
    private static let shells: Set<String> = ["bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/bin/zsh", "/usr/bin/bash"]
    private static let flags: Set<String> = ["-c", "-lc", "-ic", "-lic"]
    private static let patchers: Set<String> = ["apply_patch", "applypatch"]

    private static func form(of view: JSONView?) -> Form? {
        guard let view else { return nil }
        if let text = view.string {
            // A list that was put into quotes once more.
            guard text.utf8.first == UInt8(ascii: "["), let list = (try? JSONDocument(text))?.root,
                let form = form(of: list)
            else { return text.isEmpty ? nil : .script(text) }
            return form
        }
        let words = view.elements.compactMap(\.string)
        guard !words.isEmpty, words.count == view.elements.reduce(0, { count, _ in count + 1 }) else { return nil }
        // One word with spaces is a script that was put into a list.
        return words.count == 1 && words[0].contains(where: \.isWhitespace) ? .script(words[0]) : .list(words)
    }

    /// The program and its arguments.
    var list: [String] {
        switch form {
        case .list(let words): words
        case .script(let script): ["bash", "-lc", script]
        }
    }

    /// One line for a shell.
    var script: String {
        switch form {
        case .script(let script): script
        case .list(let words) where words.count == 3 && Self.shells.contains(words[0]) && Self.flags.contains(words[1]):
            words[2]
        case .list(let words): words.map(Self.quoted).joined(separator: " ")
        }
    }

    /// The patch, if the command does nothing but apply one.
    var patch: String? {
        if case .list(let words) = form, Self.patchers.contains(words[0]) {
            return PatchText.bare(words.dropFirst().joined(separator: "\n"))
        }
        let script = script.drop(while: \.isWhitespace)
        guard Self.patchers.contains(where: { script.hasPrefix($0) }) else { return nil }
        return PatchText.bare(String(script))
    }

    /// A word as a POSIX shell reads it back; plain ones stay as they are.
    static func quoted(_ word: String) -> String {
        let isPlain = { (byte: UInt8) in
            byte != UInt8(ascii: "$") && ArgumentMender.isName(byte) || "./:=@%+,".utf8.contains(byte)
        }
        if !word.isEmpty, word.utf8.allSatisfy(isPlain) { return word }
        return "'" + word.replacing("\0", with: "").replacing("'", with: "'\\''") + "'"
    }
}
