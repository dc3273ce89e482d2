import ArgumentParser

/// The command `torii config path`.
struct ConfigPath: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the path of the file that is read.",
        discussion: "Ends with 1 where there is none."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let (path, warnings) = try ConfigurationFile.locate(path: options.path, environment: options.environment)
        for warning in warnings { Console.standard.note("torii: warning: \(warning)") }
        guard let path else {
            let usual = ConfigurationFile.folder(options.environment) + "/config.yaml"
            Console.standard.note("torii: there is no configuration file; torii init would write \(usual)")
            throw Exit(.failed)
        }
        try Console.standard.write(path + "\n")
    }
}
