import Inference
import Providers

/// One launch: finds the tool, a gateway and the model, then hands the terminal over.
struct Launch: Sendable {
    let tool: LaunchTool
    let arguments: [String]
    /// The provider that was asked for by name.
    let provider: String?
    let configuration: Configuration
    let environment: [String: String]

    /// The plan as text; starts nothing, and asks a gateway only if one answers.
    func shown() async throws -> String {
        let gateway = try await gatewayAtHand()
        let model: LaunchModel
        if await gateway.answers() {
            model = try await chosenModel(of: gateway)
            return "# the gateway at \(gateway.address) answers\n" + plan(gateway.address, gateway.key, model).text
        }
        model = LaunchModel(name: try configuredModel() ?? "MODEL")
        return "# no gateway answers at \(gateway.address): one is started beside the tool, on a port of its own\n"
            + plan("http://127.0.0.1:PORT", gateway.key, model).text
    }

    /// Runs the tool to its end, and gives its exit status; does not return where nothing of torii is needed meanwhile.
    func run() async throws -> Int32 {
        guard let executable = SearchPath(environment).executable(tool.rawValue) else { throw missing() }
        let gateway = try await gatewayAtHand()
        if await gateway.answers() {
            let child = try await child(executable, at: gateway)
            throw child.replaceThisProcess()
        }
        return try await GatewayBeside(configuration: configuration, environment: environment, log: logFile).run {
            address in
            let gateway = try GatewayAtHand(address: address, key: gateway.key)
            return try await child(executable, at: gateway).runToEnd()
        }
    }

    private func child(_ executable: String, at gateway: GatewayAtHand) async throws -> ChildProcess {
        let model = try await chosenModel(of: gateway)
        for line in model.remarks { Console.standard.note(line) }
        var plan = plan(gateway.address, gateway.key, model)
        if tool == .codex, CodexRelease(executable, environment).isOlderThanCatalogues {
            plan = self.plan(gateway.address, gateway.key, model, try await catalogue(of: gateway))
        }
        try plan.prepare()
        return ChildProcess(
            executable: executable,
            arguments: [tool.rawValue] + plan.arguments,
            environment: plan.environment(from: environment)
        )
    }

    private func plan(
        _ address: String,
        _ key: Secret,
        _ model: LaunchModel,
        _ catalogue: String? = nil
    ) -> LaunchPlan {
        let target = LaunchPlan.Target(
            address: address,
            key: key,
            model: model,
            folder: folder,
            catalogue: catalogue
        )
        return LaunchPlan(tool, target, arguments: arguments)
    }

    private func missing() -> any Error {
        Console.standard.note("torii: \(tool.title) is not installed: there is no \(tool.rawValue) in $PATH")
        Console.standard.note("  Install it: \(tool.installation)")
        return Exit(.failed)
    }

    private var folder: String { "\(StateFolder.path(environment))/launch" }
    private var logFile: String { "\(folder)/gateway.log" }
}

// MARK: The gateway and the model

extension Launch {
    /// The gateway of the configuration, whether it answers or not.
    private func gatewayAtHand() async throws -> GatewayAtHand {
        let server = configuration.server
        let host = ["0.0.0.0", "::"].contains(server.host.value) ? "127.0.0.1" : server.host.value
        let name = host.contains(":") ? "[\(host)]" : host
        let scheme = server.tlsCertificate == nil ? "http" : "https"
        let key = try gatewayKey(server)
        // Port 0 means that nobody can know where to look.
        let port = server.port.value == 0 ? 8787 : server.port.value
        return try GatewayAtHand(address: "\(scheme)://\(name):\(port)", key: key)
    }

    /// `TORII_API_KEY`, else the first of the gateway's own keys; a gateway without keys takes any.
    private func gatewayKey(_ server: ServerConfiguration) throws(ConfigurationError) -> Secret {
        if let key = environment["TORII_API_KEY"], !key.isEmpty { return Secret(key) }
        return try server.resolvedKeys(environment: environment).first ?? Secret("local")
    }

    /// The model as it is named by flags, environment or configuration; nil where it is not.
    private func configuredModel() throws(ConfigurationError) -> String? {
        let settings = try configuration.provider(named: provider)
        guard let model = configuration.model?.value ?? settings.model?.value else { return nil }
        return provider.map { "\($0)/\(model)" } ?? model
    }

    private func chosenModel(of gateway: GatewayAtHand) async throws -> LaunchModel {
        do throws(InferenceError) {
            return try await gateway.model(try await modelName(gateway))
        } catch {
            report(error, gateway)
            throw Exit(ExitStatus(error.code))
        }
    }

    private func catalogue(of gateway: GatewayAtHand) async throws -> String? {
        do throws(InferenceError) { return try await gateway.codexCatalogue() } catch {
            report(error, gateway)
            throw Exit(ExitStatus(error.code))
        }
    }

    /// The named model, or the only one that the provider has.
    private func modelName(_ gateway: GatewayAtHand) async throws(InferenceError) -> String {
        let settings: ProviderConfiguration
        do throws(ConfigurationError) {
            if let name = try configuredModel() { return name }
            settings = try configuration.provider(named: provider)
        } catch {
            throw InferenceError(.invalidRequest, error.message)
        }
        let name = settings.name.value
        let models = try await gateway.models().filter { $0.provider == name }.map(\.name)
        if models.count == 1, let only = models.first { return only }
        let list = models.isEmpty ? "it lists none" : "it has \(models.prefix(8).joined(separator: ", "))"
        let message = "No model is named for provider \(name); \(list). Name one: --model MODEL"
        throw InferenceError(.modelNotFound, message, detail: "no_model_named")
    }

    private func report(_ error: InferenceError, _ gateway: GatewayAtHand) {
        let console = Console.standard
        console.note("torii: \(error.message)")
        switch error.code {
        case .credentials:
            console.note("  The gateway at \(gateway.address) wants one of its client keys: export TORII_API_KEY=…")
        case .modelNotFound:
            console.note(
                "  It is the gateway at \(gateway.address) that was asked. See what is configured: torii models list"
            )
        default: console.note("  Find out more: torii doctor")
        }
    }
}
