package import Providers

/// The limits that the configuration sets: those of the installation and of models.
package struct AdmissionSettings: Sendable, Hashable {
    /// Limits of a model, or of all models of a pattern together.
    package struct Model: Sendable, Hashable {
        /// In lower case; names are compared in any case, with an organisation in front or without.
        package var pattern: ModelPattern
        /// The provider that it is about; every one where nil.
        package var provider: String?
        package var limits: LimitSet

        package init(_ pattern: String, provider: String? = nil, _ limits: LimitSet) {
            self.pattern = ModelPattern(pattern.lowercased())
            self.provider = provider
            self.limits = limits
        }
    }

    package var installation = LimitSet()
    package var models: [Model] = []

    package init() {}
}

/// The same with what was taken of them; a part of one configuration's snapshot.
final class ConfiguredLimits: Sendable {
    private struct Entry: Sendable {
        let model: AdmissionSettings.Model
        let scope: LimitScope
    }

    let installation: LimitScope?
    private let models: [Entry]

    /// `last` are those of the configuration before, whose counts go on.
    init(_ settings: AdmissionSettings, after last: ConfiguredLimits?) {
        installation = .of(.installation, settings.installation, after: last?.installation)
        models = settings.models.compactMap { model in
            let old = last?.models.first { $0.model.pattern == model.pattern && $0.model.provider == model.provider }
            return LimitScope.of(.model, model.limits, after: old?.scope).map { Entry(model: model, scope: $0) }
        }
    }

    var boundsModels: Bool { !models.isEmpty }

    /// All limits that a model at a provider has.
    func scopes(of model: String, at provider: String) -> [LimitScope] {
        guard !models.isEmpty else { return [] }
        let name = model.lowercased()
        let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
        let short = slash.map { String(name[name.utf8.index(after: $0)...]) } ?? name
        let names = [name, short].flatMap { [$0, Self.otherName(of: $0)] }
        return models.compactMap { entry in
            if let wanted = entry.model.provider, !wanted.utf8.elementsEqual(provider.utf8) { return nil }
            return names.contains { entry.model.pattern.matches($0) } ? entry.scope : nil
        }
    }

    /// Ollama has two names for a model without a tag of its own.
    private static func otherName(of name: String) -> String {
        name.hasSuffix(tag) ? String(name.dropLast(tag.count)) : name + tag
    }

    private static let tag = ":latest"
}
