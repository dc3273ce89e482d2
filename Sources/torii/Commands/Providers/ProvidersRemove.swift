import ArgumentParser

/// The command `torii providers remove`.
struct ProvidersRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a provider from the configuration file, which keeps its comments."
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The provider's name.")
    var name: String

    func run() throws {
        let file = try EditableFile(options)
        let edit = try ProvidersEdit(file.text, path: file.path)
        guard edit.names.contains(name) else {
            let near = Spelling.nearest(to: name, among: edit.names).map { "Did you mean \($0)?" }
            throw ConfigurationError(.unknownProvider, "\(file.path) has no provider named \(name)", nextStep: near)
        }
        let text = try edit.removing(name)
        guard edit.defaultProvider != name else {
            throw ConfigurationError(
                .conflict,
                "\(name) is the default provider",
                nextStep: "Name another one in default_provider first."
            )
        }
        try file.replace(with: text, environment: options.environment)
        Console.standard.note("torii: removed \(name) from \(file.path)")
    }
}
