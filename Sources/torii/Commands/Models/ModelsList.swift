import ArgumentParser
import Inference
import JSON
import Providers

/// The command `torii models list`.
struct ModelsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models of all providers, or of one."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "List this provider only.")
    var provider: String?

    @Option(help: "How the list is printed: text or json.")
    var outputFormat = ListFormat.text

    func run() async throws {
        let configuration = try options.load()
        let chosen = try provider.map { [try configuration.provider(named: $0)] } ?? configuration.providers
        let transport = try ProviderSession.transport(environment: options.environment)
        var found: [ProfiledModel] = []
        var firstFailure: ExitStatus?
        var answers = 0
        for settings in chosen {
            switch try await models(settings, configuration, transport) {
            case .success(let models):
                answers += 1
                found += models
            case .failure(let status): firstFailure = firstFailure ?? status.status
            }
        }
        try Console.standard.write(outputFormat == .json ? Self.json(found) : Self.table(found))
        if answers == 0, let firstFailure { throw Exit(firstFailure) }
    }

    /// One provider that does not answer is no reason not to list the others.
    private func models(
        _ settings: ProviderConfiguration,
        _ configuration: Configuration,
        _ transport: UpstreamClient
    ) async throws -> Result<[ProfiledModel], Exit> {
        do {
            let session = try await ProviderSession(
                settings,
                configuration: configuration,
                environment: options.environment,
                transport: transport
            )
            let result = try await Interruption.run { () async -> Result<[ProfiledModel], InferenceError> in
                do throws(InferenceError) { return .success(try await session.profiledModels()) } catch {
                    return .failure(error)
                }
            }
            guard case .failure(let error) = result else { return result.mapError { Exit(ExitStatus($0.code)) } }
            await session.report(error, model: nil)
            return .failure(Exit(ExitStatus(error.code)))
        } catch let error as ConfigurationError {
            Console.standard.note("torii: \(error)")
            return .failure(Exit(.configuration))
        }
    }

    static func table(_ found: [ProfiledModel]) -> String {
        var table = TextTable(["MODEL", "PROVIDER", "SIZE", "PARAMETERS", "CONTEXT", "USD PER M"])
        for entry in found {
            let model = entry.model
            table.add([
                model.name, entry.provider, model.size.map(Figures.bytes) ?? "-",
                [model.parameters, model.quantisation].compactMap(\.self).joined(separator: " ").nonEmpty ?? "-",
                entry.shownWindow, entry.shownPrice,
            ])
        }
        return table.text
    }

    static func json(_ found: [ProfiledModel]) -> String {
        var writer = JSONWriter()
        writer.array { list in
            for entry in found {
                list.object { object in
                    object.member("provider", entry.provider)
                    ModelsShow.write(entry, to: &object)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

extension String {
    /// The text, or nil for an empty one.
    var nonEmpty: String? { isEmpty ? nil : self }
}
