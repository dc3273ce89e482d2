/// A configuration file's text and how it is written.
struct ConfigurationFile: Sendable {
    var path: String
    var format: ConfigurationFormat
    var text: String
    /// The permission bits; nil for a text that is in no file.
    var mode: Int?

    init(path: String, format: ConfigurationFormat, text: String, mode: Int? = nil) {
        self.path = path
        self.format = format
        self.text = text
        self.mode = mode
    }

    /// Reads a file.
    ///
    /// - Throws: `notFound`, or `unreadable` for a folder, a file above 1 MiB, an unknown ending or no UTF-8.
    init(at path: String) throws(ConfigurationError) {
        guard FilePath.exists(path) else {
            throw ConfigurationError(.notFound, "there is no file \(path)", nextStep: "Make one: torii init")
        }
        guard !FilePath.isFolder(path) else { throw ConfigurationError(.unreadable, "\(path) is a folder") }
        guard let format = ConfigurationFormat(rawValue: FilePath.suffix(of: path)) else {
            throw ConfigurationError(
                .unreadable,
                "\(path) does not say what it is written in",
                nextStep: "Name it with .yaml, .yml, .json or .toml at its end."
            )
        }
        guard let text = FilePath.text(at: path) else {
            throw ConfigurationError(
                .unreadable,
                "\(path) cannot be read: it has to be UTF-8 text of at most 1 MiB that you may read"
            )
        }
        self.init(path: path, format: format, text: text, mode: FilePath.mode(of: path))
    }

    /// The configuration's path and a warning where it hides others: `--config`, `$TORII_CONFIG`, or the first that exists of
    /// `config.yaml`, `.yml`, `.json` and `.toml` in `$XDG_CONFIG_HOME/torii`.
    ///
    /// The working directory is never searched: a repository must not change providers or keys.
    ///
    /// - Throws: `notFound` where a path is given and nothing is there.
    static func locate(
        path: String?,
        environment: [String: String]
    ) throws(ConfigurationError) -> (path: String?, warnings: [ConfigurationError]) {
        if let path {
            let absolute = FilePath.absolute(path, folder: ".", home: home(environment))
            return (try existing(absolute, named: "--config"), [])
        }
        if let path = environment["TORII_CONFIG"], !path.isEmpty {
            let absolute = FilePath.absolute(path, folder: ".", home: home(environment))
            return (try existing(absolute, named: "TORII_CONFIG"), [])
        }
        let found = candidates(path: nil, environment: environment).filter(FilePath.exists)
        guard let first = found.first else { return (nil, []) }
        let warnings = found.dropFirst().map { hidden in
            ConfigurationError(.conflict, "\(hidden) is not read, because \(first) is there")
        }
        return (first, Array(warnings))
    }

    /// All paths where `locate` looks, whether something is there or not.
    static func candidates(path: String?, environment: [String: String]) -> [String] {
        if let given = path ?? environment["TORII_CONFIG"], path != nil || !given.isEmpty {
            return [FilePath.absolute(given, folder: ".", home: home(environment))]
        }
        return ConfigurationFormat.allCases.map { "\(folder(environment))/config.\($0.rawValue)" }
    }

    /// The folder of the configuration, without a slash at its end.
    static func folder(_ environment: [String: String]) -> String {
        if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/torii" }
        return home(environment) + "/.config/torii"
    }

    static func home(_ environment: [String: String]) -> String {
        environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "/"
    }

    private static func existing(_ path: String, named source: String) throws(ConfigurationError) -> String {
        guard FilePath.exists(path) else {
            throw ConfigurationError(
                .notFound,
                "\(source) names \(path), which does not exist",
                nextStep: "Make it: torii init --config \(path)"
            )
        }
        return path
    }
}
