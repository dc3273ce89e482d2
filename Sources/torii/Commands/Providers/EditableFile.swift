/// The configuration file that a command changes: YAML only, since only there comments can be kept.
struct EditableFile {
    let path: String
    let text: String

    /// Finds the file; one that does not exist yet is empty.
    ///
    /// Throws `unsupported` for JSON and TOML.
    init(_ options: ConfigurationOptions) throws(ConfigurationError) {
        let environment = options.environment
        let usual = ConfigurationFile.folder(environment) + "/config.yaml"
        if let given = options.path, !FilePath.exists(given) {
            (path, text) = (FilePath.absolute(given, folder: ".", home: ConfigurationFile.home(environment)), "")
            return
        }
        guard let found = try ConfigurationFile.locate(path: options.path, environment: environment).path else {
            (path, text) = (usual, "")
            return
        }
        let file = try ConfigurationFile(at: found)
        guard file.format == .yaml || file.format == .yml else {
            throw ConfigurationError(
                .unsupported,
                "\(found) is \(file.format.rawValue.uppercased()), which torii does not edit",
                nextStep: "Edit it by hand, or turn it into YAML: torii config import --from \(found) --to \(usual)"
            )
        }
        (path, text) = (found, file.text)
    }

    /// Writes the new text, if it is a configuration that loads.
    func replace(with text: String, environment: [String: String]) throws(ConfigurationError) {
        let file = ConfigurationFile(path: path, format: .yaml, text: text)
        let configuration = try Configuration.read(file, environment: environment)
        if let name = configuration.defaultProvider?.value { _ = try configuration.provider(named: name) }
        try PrivateFile.write(text, to: path, overwrites: true)
    }
}
