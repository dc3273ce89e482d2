import ArgumentParser
import Inference
import Providers

/// The command `torii providers test`.
struct ProvidersTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Ask a provider something that costs nothing, to see whether it answers and takes the key."
    )

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The provider's name; without it the default one.")
    var name: String?

    func run() async throws {
        let configuration = try options.load()
        let settings = try configuration.provider(named: name)
        let transport = try ProviderSession.transport(environment: options.environment)
        let examination = DoctorCommand.Examination(settings, configuration: configuration, transport: transport)
        let environment = options.environment
        let report = try await Interruption.run { await examination.report(environment: environment) }
        try Console.standard.write(report.text)
        if report.status != .done { throw Exit(report.status) }
    }
}
