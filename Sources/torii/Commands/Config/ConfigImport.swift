import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The command `torii config import`.
struct ConfigImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn another program's providers into torii's configuration.",
        discussion: """
            Reads Codex's config.toml ([model_providers.x]), its older JSON or YAML (providers: {x: {…}}), or any file of torii's \
            own in another format. Without --to the result is printed, with literal keys masked.
            """
    )

    @Option(help: "The file to read, such as ~/.codex/config.toml.", completion: .file())
    var from: String

    @Option(help: "The file to write, with mode 0600.", completion: .file())
    var to: String?

    @Flag(help: "Overwrite the file that --to names.")
    var force = false

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let source = FilePath.absolute(from, folder: ".", home: ConfigurationFile.home(environment))
        let imported = try Configuration.read(ConfigurationFile(at: source), environment: environment)
        let console = Console.standard
        for key in imported.leftOut { console.note("torii: left out: \(key)") }
        guard let to else { return try console.write(imported.fileText(revealsSecrets: false)) }
        let target = FilePath.absolute(to, folder: ".", home: ConfigurationFile.home(environment))
        try PrivateFile.write(imported.fileText(revealsSecrets: true), to: target, overwrites: force)
        console.note("torii: wrote \(target)")
    }
}
