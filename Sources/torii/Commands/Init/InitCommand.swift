import ArgumentParser

/// The command `torii init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first configuration, with a comment for each part.",
        discussion: "Looks for Ollama at its address and for keys in the environment. The file gets mode 0600."
    )

    @Option(name: .customLong("config"), help: "The file to write.", completion: .file())
    var path: String?

    @Flag(help: "Overwrite the file.")
    var force = false

    func run() async throws {
        var options = ConfigurationOptions()
        options.path = path
        let environment = options.environment
        let home = ConfigurationFile.home(environment)
        let given = path ?? environment["TORII_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let target = FilePath.absolute(
            given ?? ConfigurationFile.folder(environment) + "/config.yaml",
            folder: ".",
            home: home
        )
        guard ["yaml", "yml"].contains(FilePath.suffix(of: target)) else {
            throw ValidationError("torii init writes YAML: name the file with .yaml at its end.")
        }
        guard force || !FilePath.exists(target) else {
            throw ConfigurationError(.conflict, "\(target) exists", nextStep: "Give --force to overwrite it.")
        }
        let models = await OllamaProbe.models(environment: environment)
        let first = FirstConfiguration(environment: environment, ollamaModels: models)
        try PrivateFile.write(first.text, to: target, overwrites: force)
        let console = Console.standard
        console.note("torii: wrote \(target)")
        for line in first.findings { console.note("  \(line)") }
        console.note("Next: \(first.nextStep)")
    }
}
