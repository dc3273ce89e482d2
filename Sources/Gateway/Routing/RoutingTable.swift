import Dialects
package import Inference
package import Providers

/// Which provider takes a request, and under which model name; an immutable snapshot that is swapped whole.
///
/// docs/routing.md holds the same rules as a table of cases.
package final class RoutingTable: Sendable {
    /// Where a request goes.
    package struct Decision: Sendable {
        package let provider: Provider
        /// The model that the upstream is asked for.
        package let model: String
        /// What the provider speaks; nil while nobody knows.
        package let dialect: Dialect?
    }

    /// What is known of the models that a provider serves.
    package enum Listing: Sendable, Hashable {
        /// Not asked yet, or it does not list its models.
        case unknown
        case models([String])
    }

    /// What is known of a provider beside its configuration.
    package struct Standing: Sendable {
        package let provider: Provider
        /// What it speaks; nil while nobody knows.
        package let dialect: Dialect?
        package let isOllama: Bool
        /// Whether it is this gateway itself.
        package let isSelf: Bool
        fileprivate let listing: Listing

        /// Whether a model is on the provider's list or is its configured one; nil where it lists nothing.
        package func lists(_ model: String) -> Bool? {
            guard case .models(let names) = listing else { return nil }
            let wanted = ByteString(model)
            if let own = provider.model, ByteString(own) == wanted { return true }
            if names.contains(where: { ByteString($0) == wanted }) { return true }
            return isOllama && names.contains { ByteString($0) == ByteString("\(model):latest") }
        }
    }

    /// What may be asked for at all, whoever asks; the rest does not exist (B11).
    package let rights: ModelRights
    private let providers: [Provider]
    private let aliases: ModelAliases
    private let listings: [Listing]
    private let isSelf: [Bool]
    private let dialects: [Dialect?]
    private let isOllama: [Bool]
    /// Indices of the providers that may serve: the default one first, then the configuration's order.
    private let order: [Int]
    private let byName: [ByteString: Int]
    private let byConfiguredModel: [ByteString: Int]
    private let byListedModel: [ByteString: Int]

    /// - Parameters:
    ///   - providers: all providers in the order of the configuration.
    ///   - defaultProvider: the name of the provider that is asked first; nil means the first one.
    ///   - aliases: other names for models.
    ///   - isSelf: tells whether a provider is this very gateway, which never serves itself.
    ///   - listings: what each provider lists; absent means unknown.
    ///   - dialects: what providers were found to speak, by name; what the configuration says goes before it.
    ///   - rights: what may be asked for at all; providers and models beyond it are as if they were not there.
    package init(
        providers: [Provider],
        defaultProvider: String?,
        aliases: [ModelAlias] = [],
        isSelf: (Provider) -> Bool = { _ in false },
        listings: [String: Listing] = [:],
        dialects: [String: Dialect] = [:],
        rights: ModelRights = .all
    ) {
        let providers = rights.isUnrestricted ? providers : providers.filter(rights.reach)
        self.rights = rights
        self.providers = providers
        self.aliases = ModelAliases(aliases)
        self.isSelf = providers.map(isSelf)
        let spoken = providers.map { $0.dialect ?? DialectDetection.byHost($0.baseURL) ?? dialects[$0.name] }
        self.dialects = spoken
        let isOllama = providers.indices.map {
            spoken[$0] == .ollama || (spoken[$0] == nil && providers[$0].baseURL.port == 11_434)
        }
        self.isOllama = isOllama
        func stands(_ model: String, _ index: Int) -> Bool {
            rights.allow(model, of: providers[index], isOllama: isOllama[index])
        }
        self.listings = providers.indices.map { index in
            guard case .models(let names)? = listings[providers[index].name] else { return .unknown }
            return .models(rights.isUnrestricted ? names : names.filter { stands($0, index) })
        }
        let first = providers.firstIndex { $0.name == defaultProvider }
        let flags = self.isSelf
        order = ((first.map { [$0] } ?? []) + providers.indices.filter { $0 != first }).filter { !flags[$0] }
        var byName: [ByteString: Int] = [:]
        for (index, provider) in providers.enumerated() { byName[ByteString(provider.name)] = index }
        self.byName = byName
        var configured: [ByteString: Int] = [:]
        var listed: [ByteString: Int] = [:]
        for index in order {
            if let model = providers[index].model, stands(model, index) { configured.keep(ByteString(model), index) }
            guard case .models(let names) = self.listings[index] else { continue }
            for name in names {
                listed.keep(ByteString(name), index)
                if isOllama[index], name.hasSuffix(":latest") {
                    listed.keep(ByteString(String(name.dropLast(7))), index)
                }
            }
        }
        byConfiguredModel = configured
        byListedModel = listed
    }

    /// Finds the provider of a request.
    ///
    /// `model` is as the caller named it, nil or empty where it named none; `header` is the value of `x-provider`.
    /// Refuses with 400 an unknown `x-provider` or a missing model, with 404 `model_not_found` and the nearest names an
    /// unknown model, and with 503 where no provider could serve at all.
    package func resolve(model: String?, header: String?) throws(Refusal) -> Decision {
        let decision = try decision(model ?? "", header)
        guard admits(decision.model, at: decision.provider.name) else { throw Refusal(unknownModel(model ?? "")) }
        return decision
    }

    /// Whether a model may be asked for at a provider at all, as far as the installation's limits say.
    func admits(_ model: String, at provider: String) -> Bool {
        guard !rights.isUnrestricted else { return true }
        // A provider of another region is not in the table.
        guard let index = byName[ByteString(provider)] else { return rights.regions.isEmpty }
        return admits(model, at: index)
    }

    private func admits(_ model: String, at index: Int) -> Bool {
        rights.isUnrestricted || rights.allow(model, of: providers[index], isOllama: isOllama[index])
    }

    private func decision(_ model: String, _ header: String?) throws(Refusal) -> Decision {
        if let header { return try resolve(model: model, header: header) }
        guard let meant = aliases.model(for: model) else { return try resolve(model: model) }
        do throws(Refusal) { return try resolve(model: meant) } catch {
            var refusal = error
            refusal.body.message += " It is what the alias \(model) stands for."
            throw refusal
        }
    }

    /// The same for somebody who may not ask for every model: what he may not looks as if it did not exist (B11).
    package func resolve(model: String?, header: String?, for rights: ModelRights) throws(Refusal) -> Decision {
        guard !rights.isUnrestricted else { return try resolve(model: model, header: header) }
        let decision: Decision
        do throws(Refusal) {
            decision = try resolve(model: model, header: header)
        } catch  where error.body.code == InferenceError.Code.modelNotFound.rawValue {
            throw Refusal(unknownModel(model ?? "", for: rights))
        }
        guard rights.allow(decision.model, of: decision.provider) else {
            throw Refusal(unknownModel(model ?? "", for: rights))
        }
        return decision
    }

    private func resolve(model: String) throws(Refusal) -> Decision {
        if let slash = model.utf8.firstIndex(of: UInt8(ascii: "/")), let index = serving(String(model[..<slash])) {
            return try decide(index, String(model[model.utf8.index(after: slash)...]))
        }
        if let index = byConfiguredModel[ByteString(model)] ?? byListedModel[ByteString(model)] {
            return try decide(index, model)
        }
        if let index = serving(model) { return try decide(index, "") }
        if Self.isGPTOSS(model), let index = order.first(where: { isOllama[$0] && admits(model, at: $0) }) {
            return try decide(index, model)
        }
        guard let index = order.first(where: { admits(model, at: $0) }) ?? order.first else {
            throw Refusal(.noProvider, "No provider is configured. Add one with `torii init` or `torii providers add`.")
        }
        if !model.isEmpty, case .models = listings[index] { throw Refusal(unknownModel(model)) }
        return try decide(index, model)
    }

    /// Every model that a caller may name, each with its provider; the name as `resolve` takes it.
    package var models: [(name: String, provider: Provider)] {
        var seen: Set<ByteString> = []
        var all: [(name: String, provider: Provider)] = []
        for index in order {
            let provider = providers[index]
            for name in names(of: index) {
                let isFirst = seen.insert(ByteString(name)).inserted
                all.append((isFirst ? name : "\(provider.name)/\(name)", provider))
            }
        }
        for name in aliases.names {
            guard let provider = provider(ofListed: name), seen.insert(ByteString(name)).inserted else { continue }
            all.append((name, provider))
        }
        return all
    }

    /// Those of them that somebody may ask for.
    package func models(for rights: ModelRights) -> [(name: String, provider: Provider)] {
        rights.isUnrestricted ? models : models.filter { allows($0.name, rights) }
    }

    /// Whether somebody may ask for what a name stands for.
    package func allows(_ name: String, _ rights: ModelRights) -> Bool {
        guard !rights.isUnrestricted else { return true }
        do throws(Refusal) {
            let decision = try resolve(model: name, header: nil)
            return rights.allow(decision.model, of: decision.provider)
        } catch {
            return false
        }
    }

    /// The model that a name stands for: an alias's, else the name itself.
    package func meant(by name: String) -> String { aliases.model(for: name) ?? name }

    /// What is known of the provider of a name; nil for a name that none has.
    package func standing(of name: String) -> Standing? {
        guard let index = byName[ByteString(name)] else { return nil }
        return Standing(
            provider: providers[index],
            dialect: dialects[index],
            isOllama: isOllama[index],
            isSelf: isSelf[index],
            listing: listings[index]
        )
    }

    /// The names of all providers.
    var names: [String] { providers.map(\.name) }

    /// Whether there is a provider of a name.
    func hasProvider(_ name: String) -> Bool { byName[ByteString(name)] != nil }

    /// Whether a provider is an Ollama, as far as it is known.
    package func isOllama(_ provider: Provider) -> Bool {
        byName[ByteString(provider.name)].map { isOllama[$0] } ?? false
    }

    /// The provider of a model that is on the list, by a name that `resolve` takes; nil for one that is not.
    package func provider(ofListed name: String) -> Provider? {
        let name = meant(by: name)
        if let index = byConfiguredModel[ByteString(name)] ?? byListedModel[ByteString(name)] {
            return providers[index]
        }
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")), let index = serving(String(name[..<slash]))
        else { return nil }
        let model = ByteString(String(name[name.utf8.index(after: slash)...]))
        return names(of: index).contains { ByteString($0) == model } ? providers[index] : nil
    }

    /// The Ollama that takes what names no model of its list: the one that the caller names, in the header or in front of
    /// the model, else the first one.
    package func ollama(model: String, header: String?) -> Decision? {
        let slash = model.utf8.firstIndex(of: UInt8(ascii: "/"))
        let prefix = slash.map { String(model[..<$0]) }
        if header == nil, let slash, let prefix, let index = serving(prefix), isOllama[index] {
            let rest = String(model[model.utf8.index(after: slash)...])
            return Decision(provider: providers[index], model: rest, dialect: .ollama)
        }
        let wanted = header.map { name in order.filter { ByteString(providers[$0].name) == ByteString(name) } }
        guard let index = (wanted ?? order).first(where: { isOllama[$0] }) else { return nil }
        return Decision(provider: providers[index], model: model, dialect: .ollama)
    }

    private func names(of index: Int) -> [String] {
        let own = providers[index].model.flatMap { admits($0, at: index) ? $0 : nil }
        guard case .models(let names) = listings[index] else { return own.map { [$0] } ?? [] }
        guard let model = own, !names.contains(where: { ByteString($0) == ByteString(model) }) else {
            return names
        }
        return isOllama[index] && names.contains("\(model):latest") ? names : [model] + names
    }

    private func resolve(model: String, header: String) throws(Refusal) -> Decision {
        guard let index = byName[ByteString(header)] else {
            throw Refusal(.unknownProvider, "x-provider names no provider of this gateway.", field: "x-provider")
        }
        guard !isSelf[index] else {
            throw Refusal(
                .unknownProvider,
                "x-provider names this gateway itself, which cannot serve itself.",
                field: "x-provider"
            )
        }
        let prefix = "\(providers[index].name)/"
        if model.utf8.starts(with: prefix.utf8) {
            return try decide(index, String(decoding: model.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
        }
        return try decide(index, ByteString(model) == ByteString(header) && !lists(index, model) ? "" : model)
    }

    private func decide(_ index: Int, _ model: String) throws(Refusal) -> Decision {
        if !model.isEmpty { return Decision(provider: providers[index], model: model, dialect: dialects[index]) }
        guard let model = providers[index].model else {
            throw Refusal(
                .modelRequired,
                "The request names no model, and provider \(providers[index].name) has none configured.",
                field: "model"
            )
        }
        return Decision(provider: providers[index], model: model, dialect: dialects[index])
    }

    private func serving(_ name: String) -> Int? {
        guard let index = byName[ByteString(name)], !isSelf[index] else { return nil }
        return index
    }

    private func lists(_ index: Int, _ model: String) -> Bool {
        guard case .models(let names) = listings[index] else { return false }
        return names.contains { ByteString($0) == ByteString(model) }
    }

    private static func isGPTOSS(_ model: String) -> Bool {
        let slash = model.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { model[model.utf8.index(after: $0)...] } ?? model[...]
        return name.utf8.starts(with: "gpt-oss".utf8)
    }

    /// The failure that a name brings that is no model's, with the nearest that are.
    ///
    /// `rights` are those of a caller to whom only what he may ask for exists (B11).
    package func unknownModel(_ model: String, for rights: ModelRights = .all) -> InferenceError {
        let near = NearestNames.of(model, among: models(for: rights).map(\.name))
        var hint =
            near.isEmpty
            ? "GET /v1/models lists what is there." : "Near: \(near.joined(separator: ", ")). GET /v1/models lists all."
        if order.contains(where: { isOllama[$0] }) { hint += " `torii models pull \(model)` gets it from Ollama." }
        return InferenceError(.modelNotFound, "The model \(model) does not exist here. \(hint)", field: "model")
    }
}

extension ModelRights {
    /// The same for a model that may be an Ollama's, which has two names where it has no tag of its own.
    fileprivate func allow(_ model: String, of provider: Provider, isOllama: Bool) -> Bool {
        allow(model, of: provider) || (isOllama && allow(ModelNames.otherName(of: model), of: provider))
    }
}

/// A text that is compared by its bytes: composed and decomposed spellings differ here, as they do in a store.
struct ByteString: Hashable, Sendable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ByteString, right: ByteString) -> Bool {
        var (left, right) = (left.text, right.text)
        guard left.utf8.count == right.utf8.count else { return false }
        return left.withUTF8 { bytes in right.withUTF8 { bytes.elementsEqual($0) } }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension [ByteString: Int] {
    /// Keeps what is there already.
    fileprivate mutating func keep(_ key: ByteString, _ index: Int) {
        if self[key] == nil { self[key] = index }
    }
}
