import Inference
import Providers

/// What a person can do about a failure: the cause in plain words and the next command.
struct Advice {
    let lines: [String]

    init(_ error: InferenceError, session: ProviderSession, model: String?, isOllama: Bool) {
        let facts = Facts(session: session, model: model, isOllama: isOllama)
        lines =
            switch error.code {
            case .modelNotFound: facts.modelNotFound(error)
            case .outOfMemory: facts.outOfMemory
            case .credentials: facts.credentials
            case .contextTooLong: facts.contextTooLong
            case .unreachable: facts.unreachable(error)
            case .timedOut:
                ["A model that is being loaded can take minutes; timeouts.first_byte sets how long torii waits."]
            case .quota: ["The account at \(session.provider.name) has no allowance left; waiting does not help."]
            case .rateLimited, .overloaded: facts.wait(error)
            case .invalidRequest where error.detail == "num_ctx_unsupported": facts.contextOption
            default: []
            }
    }

    private struct Facts {
        let session: ProviderSession
        let model: String?
        let isOllama: Bool

        private var provider: Provider { session.provider }

        /// ` --provider NAME`, unless it is the default one anyway.
        private var choice: String {
            session.configuration.providers.first?.name.value == provider.name ? "" : " --provider \(provider.name)"
        }

        /// Whether the provider is a server of one's own, which rarely wants a key.
        private var isLocal: Bool {
            let host = provider.baseURL.host
            return isOllama || host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }

        func modelNotFound(_ error: InferenceError) -> [String] {
            if error.detail == "no_model_named" { return ["Name one: torii\(choice) --model MODEL …"] }
            let list = "See what there is: torii models list --provider \(provider.name)"
            guard isOllama, let model else { return [list] }
            return ["Pull it: torii models pull \(model)\(choice)", list]
        }

        var outOfMemory: [String] {
            [
                "The model and its context do not fit into the memory of the machine that runs it. One of these helps:",
                "- a smaller or quantised model: torii models list --provider \(provider.name)",
                "- a shorter context: torii\(choice) --num-ctx 4096 …",
                "- more GPU memory, or fewer models loaded at once",
            ]
        }

        var credentials: [String] {
            let hasKey = provider.apiKey.map { !$0.isEmpty } ?? false
            let place = session.settings.apiKey?.origin.description
            if hasKey, isLocal {
                return [
                    "This provider should need no key: API_KEY should be empty for it. Set api_key: \"\""
                        + (place.map { " (now set at \($0))" } ?? "") + "."
                ]
            }
            if hasKey {
                return ["Check the key\(place.map { " from \($0)" } ?? ""): \(provider.name) does not accept it."]
            }
            let variable = Vendor(name: provider.name)?.keyVariable
            let way = variable.map { "export \($0)=…, or " } ?? ""
            return ["No key was sent. Give it one: \(way)api_key in the configuration (torii config path)."]
        }

        var contextTooLong: [String] {
            guard isOllama else { return ["Shorten the prompt, or choose a model with a longer context."] }
            return ["Shorten the prompt, or give the model a longer context: torii\(choice) --num-ctx 32768 …"]
        }

        func unreachable(_ error: InferenceError) -> [String] {
            let address = provider.baseURL.description
            guard error.detail == "refused", isOllama else {
                return ["Its address is \(address). Find out more: torii doctor"]
            }
            let start = "Start Ollama (ollama serve), or correct \(address)."
            guard session.configuration.file == nil else { return [start] }
            return [start, "For another provider: torii init, or set OPENAI_API_KEY or ANTHROPIC_API_KEY."]
        }

        func wait(_ error: InferenceError) -> [String] {
            guard let seconds = error.retryAfter else { return ["Try again in a while."] }
            return ["Try again in \(Int(seconds.rounded(.up))) s."]
        }

        var contextOption: [String] {
            ["If it is an Ollama, set dialect: ollama for it; else leave --num-ctx away."]
        }
    }
}
