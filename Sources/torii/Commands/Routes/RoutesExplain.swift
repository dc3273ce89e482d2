import ArgumentParser
import Gateway
import Inference
import JSON
import Providers

/// The command `torii routes explain`.
struct RoutesExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rule fits a request, why the ones before it do not, and where the request goes.",
        discussion:
            "Nothing is sent to a model. What depends on chance or load is shown as it would be for a first request."
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The model, as a caller names it.")
    var model: String

    @Option(
        name: .customLong("header"),
        help: ArgumentHelp("A header field of the request; may be repeated.", valueName: "name:value")
    )
    var headers: [String] = []

    @Option(help: "What the caller speaks: chat, responses, messages or ollama.")
    var dialect = DialectName.chat

    @Option(help: "The caller's tenant, by its name or its id, whichever the rules have.")
    var tenant: String?

    @Option(help: "The role of the caller's key.")
    var role: String?

    @Option(help: "The label of the caller's key.")
    var keyLabel: String?

    @Option(help: "When: such as 2026-11-27T22:30, in UTC or with an offset behind it; now without it.")
    var at: String?

    @Option(help: "The tokens of the prompt.")
    var tokens = 0

    @Option(help: "The tokens of the answer that it asks for.")
    var outputTokens: Int?

    @Flag(help: "The request has tools.")
    var tools = false

    @Flag(help: "The request has images.")
    var images = false

    @Option(help: "What the caller or its tenant prefers: quality, cost or speed.")
    var prefer: PreferenceName?

    @Option(help: "What the caller has spent this month, in USD.")
    var spend: Double?

    @Option(help: "How much of the caller's budget is used, such as 80%.")
    var budgetUsed: String?

    @Option(help: "The name of the session, as prompt_cache_key has it.")
    var session: String?

    @Flag(help: "Ask the providers for their models first, as the gateway does.")
    var ask = false

    @Option(
        help: "Ask the administration listener of a gateway, which knows its providers. Its key is $TORII_API_KEY."
    )
    var url: String?

    @Option(help: "How it is printed: text or json.")
    var format = ListFormat.text

    /// What the caller speaks.
    enum DialectName: String, ExpressibleByArgument, CaseIterable {
        case chat, responses, messages, ollama
    }

    enum PreferenceName: String, ExpressibleByArgument, CaseIterable {
        case quality, cost, speed
    }

    func validate() throws {
        guard tokens >= 0 else { throw ValidationError("--tokens has to be 0 or more.") }
        if let at, PointInTime(at) == nil {
            throw ValidationError("--at has to be a time such as 2026-11-27T22:30 or 2026-11-27T22:30+01:00.")
        }
        guard outputTokens ?? 0 >= 0 else { throw ValidationError("--output-tokens has to be 0 or more.") }
        guard spend ?? 0 >= 0 else { throw ValidationError("--spend has to be 0 or more.") }
        guard budgetUsed == nil || budgetUsed.flatMap(Quantity.share) != nil else {
            throw ValidationError("--budget-used has to be a share such as 80%.")
        }
        guard url == nil || !ask else { throw ValidationError("--ask is of no use with --url: the gateway has asked.") }
        _ = try pairs()
    }

    func run() async throws {
        let explanation = try await explanation()
        switch format {
        case .text: try Console.standard.write(Self.text(explanation))
        case .json: try Console.standard.write(String(decoding: explanation.raw, as: UTF8.self) + "\n")
        }
        guard let refusal = explanation["refusal"], !refusal.isNull else { return }
        let (status, code) = (refusal["status"]?.int ?? 0, refusal["code"]?.string ?? "")
        Console.standard.note("torii: refused with \(status) \(code): \(refusal["message"]?.string ?? "")")
        throw Exit(.failed)
    }

    /// What a gateway says, or what this process makes of the configuration.
    private func explanation() async throws -> JSONView {
        let question = try question()
        if let url {
            let desk = IdentityDesk.gateway(try RemoteAdministration(url, environment: options.environment))
            let request = AdministrationRequest("POST", "/admin/v1/routes/explain", body: question.json)
            guard let explanation = try await desk.perform(request) else { throw Exit(.failed) }
            return explanation
        }
        let configuration = try options.load()
        let query = question.query(usually: configuration.preference?.value, now: Int(WallClock.seconds()))
        return try JSONDocument(try await planner(configuration).explain(query).json).root
    }

    private func pairs() throws -> [(name: String, value: String)] {
        let pairs = try headers.map { header in
            guard let colon = header.firstIndex(of: ":"), colon > header.startIndex else {
                throw ValidationError("--header has to be NAME:VALUE.")
            }
            let value = header[header.index(after: colon)...].drop { $0 == " " }
            return (name: String(header[..<colon]), value: String(value))
        }
        if let fault = Fields(pairs.map { ($0.name, $0.value) }).fault { throw ValidationError("--header: \(fault).") }
        return pairs
    }

    private func question() throws -> RouteQuestion {
        var question = RouteQuestion(model: model)
        question.dialect = Dialect(rawValue: dialect.rawValue) ?? .chat
        question.headers = try pairs()
        (question.tenant, question.role, question.keyLabel) = (tenant, role, keyLabel)
        question.time = at.flatMap { PointInTime($0)?.seconds }
        (question.tokens, question.hasTools, question.hasImages) = (tokens, tools, images)
        question.preference = prefer.flatMap { RoutePreference(rawValue: $0.rawValue) }
        (question.outputTokens, question.spend) = (outputTokens, spend)
        question.budgetUsed = budgetUsed.flatMap(Quantity.share)
        question.session = session
        return question
    }

    /// A planner over the configuration, with what the providers say or, unasked, with what is known without them.
    private func planner(_ configuration: Configuration) async throws -> RoutePlanner {
        var providers: [Provider] = []
        for provider in configuration.providers { providers.append(try provider.withoutSecrets()) }
        var answers: [String: ModelDirectory.Answer] = [:]
        if ask { (providers, answers) = try await asked(configuration) }
        let table = RoutingTable(
            providers: providers,
            defaultProvider: configuration.defaultProvider?.value,
            aliases: configuration.aliases.map(ModelAlias.init),
            listings: answers.mapValues(\.listing),
            dialects: answers.compactMapValues(\.dialect),
            rights: AdmissionSettings(configuration).rights
        )
        let routes = configuration.routes.map { RouteRule($0, providers: configuration.providers) }
        return RoutePlanner(
            table: table,
            rules: RouteRules(routes, preference: configuration.preference?.value, providers: providers),
            answers: answers,
            models: KnownModels(configuration),
            prices: PriceTable(configuration.priceSettings, known: KnownModels(configuration))
        )
    }

    /// The providers with their keys, and what each of them says; who does not answer is warned of.
    private func asked(
        _ configuration: Configuration
    ) async throws -> (providers: [Provider], answers: [String: ModelDirectory.Answer]) {
        let (settings, leftOut) = try await GatewaySettings.make(
            from: configuration,
            environment: options.environment,
            allowsAnonymousAnywhere: false
        )
        for fault in leftOut { Console.standard.note("torii: warning: a provider is left out: \(fault.message)") }
        let lister = ProviderLister(client: UpstreamClient(settings: settings.transport))
        var answers: [String: ModelDirectory.Answer] = [:]
        await withTaskGroup(of: (String, ModelDirectory.Answer).self) { group in
            for provider in settings.providers {
                group.addTask { (provider.name, await lister.answer(for: provider)) }
            }
            for await (name, answer) in group { answers[name] = answer }
        }
        for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
            if let failure = answer.failure { Console.standard.note("torii: warning: \(name): \(failure)") }
        }
        return (settings.providers, answers)
    }

    static func text(_ explanation: JSONView) -> String {
        func targets(_ key: String) -> [String] {
            explanation[key]?.elements.map { Self.target($0) } ?? []
        }
        var lines =
            explanation["passed"]?.elements.map { passed in
                "passed  \(passed["rule"]?.string ?? ""): \(passed["reason"]?.string ?? "")"
            } ?? []
        lines.append(
            explanation["rule"]?.string.map { "fits    \($0)" } ?? "no rule fits: the model's name decides"
        )
        for (place, target) in targets("targets").enumerated() {
            lines.append("\(place + 1 < 10 ? " " : "")\(place + 1)      \(target)")
        }
        lines += targets("left_out").map { "left    \($0)" }
        if let shadow = explanation["shadow"], !shadow.isNull { lines.append("shadow  \(target(shadow))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func target(_ view: JSONView) -> String {
        "\(view["provider"]?.string ?? "")/\(view["model"]?.string ?? ""): \(view["reason"]?.string ?? "")"
    }
}

extension ProviderConfiguration {
    /// The provider as routing sees it, with nothing fetched and nothing started.
    fileprivate func withoutSecrets() throws(BaseURL.Problem) -> Provider {
        let url: BaseURL
        switch address.value {
        case .url(let given): url = given
        case .scripted: url = try BaseURL("http://scripted.invalid/v1")
        }
        return Provider(
            name: name.value,
            baseURL: url,
            apiKeys: apiKeys.map { _ in Secret("") },
            model: model?.value,
            dialect: dialect?.value,
            tags: tags?.value ?? [],
            contextLength: numCtx?.value,
            keepsResponses: keepsResponses?.value
        )
    }
}

/// A time that a person writes.
struct PointInTime {
    let seconds: Int

    /// `YYYY-MM-DDTHH:MM[:SS][Z|±HH:MM]`, in UTC without an offset; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = Self.day(parts[0]) else { return nil }
        let clock = parts[1].prefix { $0.isNumber || $0 == ":" }
        guard let time = Self.clock(clock), let offset = Self.offset(parts[1].dropFirst(clock.count)) else {
            return nil
        }
        seconds = day * 86_400 + time - offset
    }

    private static func day(_ text: Substring) -> Int? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, text.utf8.count == 10, let year = numbers[0], let month = numbers[1],
            let day = numbers[2], (1970...9999).contains(year), (1...12).contains(month), day >= 1
        else { return nil }
        let first = Civil.day(year, month, 1)
        let next = month == 12 ? Civil.day(year + 1, 1, 1) : Civil.day(year, month + 1, 1)
        return first + day <= next ? first + day - 1 : nil
    }

    private static func clock(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.utf8.count == 2 ? Int($0) : nil }
        guard (2...3).contains(parts.count), numbers.count == parts.count, numbers[0] < 24,
            numbers.dropFirst().allSatisfy({ $0 < 60 })
        else { return nil }
        return numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    }

    private static func offset(_ text: Substring) -> Int? {
        guard let sign = text.first, text != "Z" else { return 0 }
        guard sign == "+" || sign == "-", let time = clock(text.dropFirst()) else { return nil }
        return sign == "-" ? -time : time
    }
}
