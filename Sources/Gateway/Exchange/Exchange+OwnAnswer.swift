import Dialects
import Inference
import JSON
import NIOCore
import Providers

/// What the gateway answers by itself, without a request's body and without a provider.
extension Exchange {
    /// Answers what everybody may know: that somebody is there.
    func answersStranger(_ route: PublicRoute) -> Bool {
        switch route {
        case .health:
            send(ByteBuffer(string: #"{"status":"ok"}"#), status: 200, fields: ownFields)
        case .root:
            // Clients look for these very words.
            let fields = Fields([("content-type", "text/plain; charset=utf-8"), ("x-request-id", record.requestID)])
            send(ByteBuffer(string: "Ollama is running"), status: 200, fields: fields)
        default: return false
        }
        return true
    }

    /// Answers from what the gateway knows of its providers' models.
    func answersItself(_ route: PublicRoute) -> Bool {
        let directory = snapshot.directory
        switch route {
        case .models:
            answerTagged(modelList(ModelList(directory, snapshot.settings.knownModels, for: rights)))
        case .model:
            let table = directory.table(for: rights)
            guard let provider = table.provider(ofListed: modelInPath), table.allows(modelInPath, rights) else {
                refuse(Refusal(table.unknownModel(modelInPath, for: rights)))
                return true
            }
            let entry = ModelList.Entry(modelInPath, of: provider, table, directory, snapshot.settings.knownModels)
            answer(caller.anthropicVersion == nil ? entry.combined : entry.messages)
        case .ollamaTags:
            answer(Ollama.tags(directory.ollamaModels(for: rights)))
        case .ollamaVersion:
            answer(Ollama.versionBody())
        default: return false
        }
        return true
    }

    /// The list in the shape that the caller's fields ask for.
    private func modelList(_ list: ModelList) -> [UInt8] {
        let query = target?.query ?? ""
        if caller.anthropicVersion != nil { return list.messages(ModelPage(query: query)) }
        return list.combined(codex: CodexVersion(query: query))
    }

    /// Answers with a tag by which a caller can see that nothing has changed.
    private func answerTagged(_ bytes: [UInt8]) {
        let tag = EntityTag(of: bytes)
        var fields = ownFields
        fields.append("etag", tag.text)
        guard !tag.isNamed(in: callerFields.first("if-none-match")) else {
            fields.append("cache-control", "no-store")
            fields.append("content-length", "\(bytes.count)")
            guard writeHead(status: 304, fields: fields) else { return }
            return finish()
        }
        send(ByteBuffer(bytes: bytes), status: 200, fields: fields)
    }

    private func answer(_ bytes: [UInt8]) {
        send(ByteBuffer(bytes: bytes), status: 200, fields: ownFields)
    }

    /// The fields of a JSON body of the gateway's own.
    var ownFields: Fields {
        Fields([("content-type", "application/json"), ("x-request-id", record.requestID)])
    }
}
