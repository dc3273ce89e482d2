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

    /// Where the configuration has the administration listener.
    ///
    /// A configuration that cannot be read is no reason not to look: the gateway may run on an older one.
    var administrationAddress: String {
        let server: ServerConfiguration
        do throws(ConfigurationError) { server = try load().server } catch {
            server = ServerConfiguration()
            Console.standard.note("torii: warning: \(error)\n  Asking the usual address.")
        }
        let host = server.adminHost.value
        let reached = ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
        return "http://\(reached.contains(":") ? "[\(reached)]" : reached):\(server.adminPort.value)"
    }
}
