import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The options of every command that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file.", completion: .file())
    var path: String?

    /// The environment, read once for each command.
    var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Loads the configuration and writes its warnings to standard error.
    func load(flags: ConfigurationFlags = ConfigurationFlags()) throws(ConfigurationError) -> Configuration {
        let configuration = try Configuration.load(path: path, environment: environment, flags: flags)
        for warning in configuration.warnings { Console.standard.note("torii: warning: \(warning)") }
        return configuration
    }
}
