import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// Ollama's routes that ask about models and not a model.
extension Exchange {
    /// Passes the request on to an Ollama; what can be answered without one is answered here.
    func askOllama() {
        do throws(Refusal) {
            switch route {
            case .ollamaShow: try showModel()
            case .ollamaPull: try pullModel()
            default: try listProcesses()
            }
        } catch {
            refuse(error)
        }
    }

    private func listProcesses() throws(Refusal) {
        let table = snapshot.directory.table(for: rights)
        guard rights.isUnrestricted, table.rights.isUnrestricted else {
            throw Refusal(.forbidden, "Not all models may be used here, and this list tells of all that run.")
        }
        guard let ollama = table.ollama(model: "", header: caller.provider) else {
            return send(ByteBuffer(bytes: Ollama.running([], until: 0)), status: 200, fields: ownFields)
        }
        ask(ollama, method: "GET", body: [])
    }

    private func showModel() throws(Refusal) {
        let (root, name) = try namedModel()
        let table = snapshot.directory.table(for: rights)
        let decision = try table.resolve(model: name, header: caller.provider, for: rights)
        guard decision.dialect == .ollama else {
            let known = snapshot.directory.catalogModel(decision.model, of: decision.provider.name)
            let model = Ollama.Model(name: name, provider: decision.provider.name, known: known)
            return send(ByteBuffer(bytes: Ollama.show(model)), status: 200, fields: ownFields)
        }
        ask(decision, method: "POST", body: Self.renaming(root, decision.model))
    }

    private func pullModel() throws(Refusal) {
        let (root, name) = try namedModel()
        record.streamed = root["stream"]?.bool ?? true
        let table = snapshot.directory.table(for: rights)
        guard let ollama = table.ollama(model: name, header: caller.provider) else {
            throw Refusal(.noProvider, "No provider is an Ollama, which alone can fetch a model.")
        }
        let (model, provider) = (ollama.model, ollama.provider)
        guard rights.allow(model, of: provider), table.admits(model, at: provider.name) else {
            throw Refusal(table.unknownModel(name, for: rights))
        }
        ask(ollama, method: "POST", body: Self.renaming(root, ollama.model))
    }

    private func ask(_ decision: RoutingTable.Decision, method: String, body: [UInt8]) {
        guard let route, state.upstreamWillStart() else { return }
        record.provider = decision.provider.name
        record.upstreamModel = decision.model.isEmpty ? nil : decision.model
        self.body = ByteBuffer()
        let builder = UpstreamRequestBuilder(provider: decision.provider, route: route, model: decision.model)
        let fields = translatedRequestFields(to: decision.provider, speaking: .ollama, stream: record.streamed)
        let request = builder.build(method, route.providerRoute, dialect: .ollama, body: body, fields: fields)
        start(request, streams: false)
    }

    /// The body, and the model in it under its name or its older one.
    private func namedModel() throws(Refusal) -> (root: JSONView, name: String) {
        let root: JSONView
        do throws(JSONError) { root = try JSONDocument(Array(body.readableBytesView)).root } catch {
            throw Refusal(InferenceError(request: error))
        }
        guard let name = root["model"]?.string ?? root["name"]?.string, !name.isEmpty else {
            throw Refusal(
                InferenceError(.invalidRequest, "model is missing.", field: "model", detail: "missing_member")
            )
        }
        record.model = name
        return (root, name)
    }

    /// The same body for a model under its provider's own name.
    private static func renaming(_ root: JSONView, _ model: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("model", model)
            for member in root.members where member.key != "model" && member.key != "name" {
                writer.member(member.key, member.value)
            }
        }
        return writer.bytes
    }
}
