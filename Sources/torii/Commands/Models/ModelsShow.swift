import ArgumentParser
import Inference
import JSON
import Providers

/// The command `torii models show`.
struct ModelsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell all that a provider says of a model."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The provider; without it the default one.")
    var provider: String?

    @Option(help: "How it is printed: text or json.")
    var outputFormat = ListFormat.text

    @Argument(help: "The model's name.")
    var model: String

    func run() async throws {
        let configuration = try options.load()
        let session = try await ProviderSession(
            configuration.provider(named: provider),
            configuration: configuration,
            environment: options.environment
        )
        let model = model
        let found = try await Interruption.run { () async -> Result<ProfiledModel, InferenceError> in
            do throws(InferenceError) { return .success(try await session.profiled(session.model(model))) } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let model):
            try Console.standard.write(outputFormat == .json ? Self.json(model) : Self.text(model))
        case .failure(let error):
            await session.report(error, model: model)
            throw Exit(ExitStatus(error.code))
        }
    }

    static func text(_ entry: ProfiledModel) -> String {
        let model = entry.model
        var lines: [(String, String?)] = [
            ("name", model.name), ("owner", model.owner), ("family", model.family), ("parameters", model.parameters),
            ("quantisation", model.quantisation), ("size", model.size.map(Figures.bytes)),
            ("context", model.contextLength.map { "\($0) tokens at most" }),
            ("capabilities", model.capabilities.joined(separator: ", ").nonEmpty), ("changed", model.changed),
        ]
        lines += entry.lines
        if let loaded = model.loaded {
            let context = loaded.contextLength.map { ", context \($0) tokens" } ?? ""
            let size = loaded.size.map(Figures.bytes) ?? "size unknown"
            let gpu = loaded.sizeOnGPU.map { ", \(Figures.bytes($0)) of it on the GPU" } ?? ""
            lines.append(("loaded", size + gpu + context))
        }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.compactMap { name, value in
            value.map { name + String(repeating: " ", count: width - name.count + 2) + $0 + "\n" }
        }
        .joined()
    }

    private static func json(_ model: ProfiledModel) -> String {
        var writer = JSONWriter()
        writer.object { write(model, to: &$0) }
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }

    /// The members of a model, as `models list` has them too.
    static func write(_ entry: ProfiledModel, to object: inout JSONWriter) {
        let model = entry.model
        object.member("name", model.name)
        object.memberIfPresent("owner", model.owner)
        object.memberIfPresent("family", model.family)
        object.memberIfPresent("parameters", model.parameters)
        object.memberIfPresent("quantisation", model.quantisation)
        object.memberIfPresent("size", model.size)
        object.memberIfPresent("context_length", model.contextLength)
        object.memberIfPresent("loaded_context_length", model.loaded?.contextLength)
        if !model.capabilities.isEmpty {
            object.key("capabilities")
            object.array { list in for capability in model.capabilities { list.string(capability) } }
        }
        entry.write(to: &object)
    }
}

extension ProviderSession {
    /// One model: from Ollama with what is in memory, from others as their list has it.
    func model(_ name: String) async throws(InferenceError) -> CatalogModel {
        guard try await client.dialect() == .ollama else {
            if let model = try await models().first(where: { $0.name == name }) { return model }
            throw InferenceError(.modelNotFound, "Provider \(provider.name) does not list a model named \(name).")
        }
        var model = try await catalog.model(named: name)
        model.loaded = try await catalog.loadedModels().first { $0.name == name || $0.name == "\(name):latest" }?.loaded
        return model
    }
}
