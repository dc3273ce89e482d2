import ArgumentParser

/// The command `torii config show`.
struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the configuration that counts, with all secrets masked."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Say where each value comes from.")
    var origin = false

    func run() throws {
        try Console.standard.write(try options.load().text(origins: origin))
    }
}
