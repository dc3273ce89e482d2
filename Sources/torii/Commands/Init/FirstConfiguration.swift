/// The configuration that `torii init` writes, from what was found on the machine.
struct FirstConfiguration {
    private let environment: [String: String]
    /// The models of the Ollama that answered; nil where none did.
    private let ollamaModels: [String]?

    init(environment: [String: String], ollamaModels: [String]?) {
        self.environment = environment
        self.ollamaModels = ollamaModels
    }

    /// What was found, a line each.
    var findings: [String] {
        var lines: [String] = []
        switch ollamaModels {
        case .some(let models):
            lines.append("Ollama answers, with \(models.count) model\(models.count == 1 ? "" : "s").")
        case nil: lines.append("Ollama does not answer at \(ollamaAddress).")
        }
        for vendor in [Vendor.openai, .anthropic] where vendor.isNamed(in: environment) {
            lines.append("The environment names \(vendor.rawValue).")
        }
        return lines
    }

    /// The command to go on with.
    var nextStep: String {
        if let ollamaModels, ollamaModels.isEmpty { return "torii models pull gpt-oss" }
        if ollamaModels == nil, defaultProvider == "ollama" { return "start Ollama, then torii doctor" }
        return "torii doctor, then torii \"hello\""
    }

    var text: String {
        """
        # torii's configuration. Every key is described in docs/configuration.md.
        # torii config check reports faults; torii config show --origin shows what counts.

        # The places that serve models. A key is env:NAME, file:PATH, cmd:COMMAND or, in this file alone (mode 0600), the key.
        providers:
        \(ollama)
        \(cloud(.openai, model: "gpt-4o", isActive: Vendor.openai.isNamed(in: environment)))
        \(cloud(.anthropic, model: "claude-sonnet-4-5", isActive: Vendor.anthropic.isNamed(in: environment)))
          # An in-house server that speaks Chat Completions:
          # - name: in-house
          #   base_url: https://llm.example/v1
          #   api_key: env:LLM_API_KEY
          #   model: my-model
          #   ca_file: /etc/ssl/in-house.pem

        # The provider of callers who name none.
        default_provider: \(defaultProvider)

        # What torii serve does.
        server:
          host: 127.0.0.1
          port: 8787
          # Keys of which a caller needs one; off loopback at least one has to be here.
          keys: []

        """
    }

    private var ollamaAddress: String { address(.ollama) }

    private var defaultProvider: String {
        if let ollamaModels, !ollamaModels.isEmpty { return "ollama" }
        return [Vendor.openai, .anthropic].first { $0.isNamed(in: environment) }?.rawValue ?? "ollama"
    }

    private var ollama: String {
        let model = ollamaModels?.first { $0.hasPrefix("gpt-oss") } ?? ollamaModels?.first ?? "gpt-oss"
        return """
              - name: ollama
                base_url: \(YAMLText.scalar(ollamaAddress))
                api_key: ""          # Ollama wants none
                model: \(YAMLText.scalar(model))
                dialect: ollama      # its native API, which knows num_ctx and tells of errors
            """
    }

    private func cloud(_ vendor: Vendor, model: String, isActive: Bool) -> String {
        let hasKey = vendor.keyVariable.flatMap { environment[$0] }.map { !$0.isEmpty } ?? false
        let key = hasKey || !isActive ? "env:\(vendor.keyVariable ?? "")" : "\"\""
        let mark = isActive ? "" : "# "
        return """
              \(mark)- name: \(vendor.rawValue)
              \(mark)  base_url: \(YAMLText.scalar(address(vendor)))
              \(mark)  api_key: \(key)
              \(mark)  model: \(model)
            """
    }

    private func address(_ vendor: Vendor) -> String {
        vendor.address(in: environment)?.value.description ?? vendor.builtInAddress
    }
}
