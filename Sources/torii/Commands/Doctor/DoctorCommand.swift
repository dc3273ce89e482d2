import ArgumentParser
import Gateway
import Inference
import Providers

/// The command `torii doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out what does not work, and what to do.",
        discussion:
            "Looks at the configuration, each provider, its models and their context windows, and the keys of issuers of tokens. Nothing that it asks is billed."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.load()
        let environment = options.environment
        let console = Console.standard
        try console.write("configuration: \(configuration.file ?? "none; the environment alone"), in order\n")
        let transport = try ProviderSession.transport(environment: environment)
        var worst: ExitStatus?
        for settings in configuration.providers {
            let examination = Examination(settings, configuration: configuration, transport: transport)
            let report = try await Interruption.run { await examination.report(environment: environment) }
            try console.write(report.text)
            let isDefault = settings.name.value == configuration.defaultProvider?.value
            if isDefault || worst == nil { worst = report.status == .done ? worst : report.status }
        }
        let fetch = TokenKeyFetch(settings: try ProviderSession.transportSettings(environment: environment))
        for token in configuration.server.tokens {
            let report = await Self.report(of: token.settings, fetch)
            try console.write(report.text)
            if worst == nil, report.status != .done { worst = report.status }
        }
        try console.write(worst == nil ? "all is well: torii \"hello\"\n" : "")
        if let worst { throw Exit(worst) }
    }
}

extension DoctorCommand {
    /// Whether the keys of an issuer of tokens can be had.
    private static func report(of issuer: TokenIssuer, _ fetch: TokenKeyFetch) async -> Report {
        var report = Report(title: "issuer \(issuer.issuer)")
        do throws(TokenKeyProblem) {
            let found = try await fetch.survey(of: issuer)
            report.lines.append((true, "has \(found.usable) key\(found.usable == 1 ? "" : "s") that can be used"))
            report.nextSteps = found.leftOut
        } catch {
            report.fail(error.reason, .failed, ["Look at jwks_url, or at the issuer's own document."])
        }
        return report
    }

    /// What was found out of one provider or issuer.
    struct Report: Sendable {
        var title: String
        var lines: [(isGood: Bool, text: String)] = []
        var nextSteps: [String] = []
        var status = ExitStatus.done

        var text: String {
            let marks = lines.map { "  \($0.isGood ? "ok  " : "FAIL")  \($0.text)\n" }.joined()
            return "\(title)\n\(marks)\(nextSteps.map { "        \($0)\n" }.joined())"
        }

        mutating func fail(_ text: String, _ status: ExitStatus, _ nextSteps: [String] = []) {
            lines.append((false, text))
            self.nextSteps += nextSteps
            if self.status == .done { self.status = status }
        }
    }

    /// The questions to one provider.
    struct Examination: Sendable {
        private let settings: ProviderConfiguration
        private let configuration: Configuration
        private let transport: UpstreamClient

        init(_ settings: ProviderConfiguration, configuration: Configuration, transport: UpstreamClient) {
            self.settings = settings
            self.configuration = configuration
            self.transport = transport
        }

        func report(environment: [String: String]) async -> Report {
            let name = settings.name.value
            let mark = name == configuration.defaultProvider?.value ? " (default)" : ""
            var report = Report(title: "provider \(name)\(mark): \(settings.address.value)")
            do {
                let session = try await ProviderSession(
                    settings,
                    configuration: configuration,
                    environment: environment,
                    transport: transport
                )
                await examine(session, &report)
            } catch {
                report.fail(error.message, .configuration, error.nextStep.map { [$0] } ?? [])
            }
            return report
        }

        private func examine(_ session: ProviderSession, _ report: inout Report) async {
            do {
                let dialect = try await session.client.dialect()
                let version = dialect == .ollama ? try await session.catalog.ollamaVersion() : nil
                report.lines.append(
                    (true, "answers\(version.map { ", Ollama \($0)" } ?? ""), dialect \(dialect.rawValue)")
                )
                let models = try await session.models()
                report.lines.append((true, "lists \(models.count) model\(models.count == 1 ? "" : "s")"))
                try await examine(models, dialect, session, &report)
            } catch {
                let advice = await session.advice(error, model: session.provider.model)
                report.fail(error.message, ExitStatus(error.code), advice)
            }
        }

        private func examine(
            _ models: [CatalogModel],
            _ dialect: Dialect,
            _ session: ProviderSession,
            _ report: inout Report
        ) async throws(InferenceError) {
            guard let wanted = session.provider.model else {
                if models.count == 1 { return }
                let names = models.prefix(5).map(\.name).joined(separator: ", ")
                return report.fail(
                    "no model is configured",
                    .modelUnavailable,
                    ["Set model: to one of \(names), or give --model."]
                )
            }
            if dialect == .ollama {
                let model = try await session.model(wanted)
                report.lines.append((true, "model \(wanted): \(Self.context(model))"))
            } else if models.contains(where: { $0.name == wanted }) {
                report.lines.append((true, "model \(wanted) is there"))
            } else {
                let near = Spelling.nearest(to: wanted, among: models.map(\.name))
                let nextStep =
                    near.map { "Did you mean \($0)?" } ?? "torii models list --provider \(session.provider.name)"
                report.fail("model \(wanted) is not in the list", .modelUnavailable, [nextStep])
            }
        }

        private static func context(_ model: CatalogModel) -> String {
            let most =
                model.contextLength.map { "\($0) tokens of context at most" } ?? "its context's length is not told"
            guard let loaded = model.loaded else { return most + ", not loaded now" }
            let now = loaded.contextLength.map { ", \($0) allocated now" } ?? ", loaded now"
            return most + now
        }
    }
}
