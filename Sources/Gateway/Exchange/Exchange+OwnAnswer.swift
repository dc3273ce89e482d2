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
        let directory = loop.shared.directory
        switch route {
        case .models:
            let list = ModelList(directory)
            let page = ModelPage(query: target?.query ?? "")
            answer(caller.anthropicVersion == nil ? list.combined : list.messages(page))
        case .model:
            let table = directory.table
            guard let provider = table.provider(ofListed: modelInPath) else {
                refuse(Refusal(table.unknownModel(modelInPath)))
                return true
            }
            let known = directory.catalogModel(modelInPath, of: provider.name)
            let entry = ModelList.Entry(name: modelInPath, provider: provider.name, known: known)
            answer(caller.anthropicVersion == nil ? entry.combined : entry.messages)
        case .ollamaTags:
            answer(Ollama.tags(directory.ollamaModels))
        case .ollamaVersion:
            answer(Ollama.versionBody())
        default: return false
        }
        return true
    }

    private func answer(_ bytes: [UInt8]) {
        send(ByteBuffer(bytes: bytes), status: 200, fields: ownFields)
    }

    /// The fields of a JSON body of the gateway's own.
    var ownFields: Fields {
        Fields([("content-type", "application/json"), ("x-request-id", record.requestID)])
    }
}
