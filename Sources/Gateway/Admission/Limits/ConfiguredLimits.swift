package import Providers

/// The limits that the configuration sets: those of the installation and of models, and which models there are at all.
package struct AdmissionSettings: Sendable, Hashable {
    /// Limits of a model, or of all models of a pattern together.
    package struct Model: Sendable, Hashable {
        /// In lower case; names are compared in any case, with an organisation in front or without.
        package var pattern: ModelPattern
        /// The provider that it is about; every one where nil.
        package var provider: String?
        package var limits: LimitSet
        /// Tags, of which a provider has to have one to serve the model; none: every provider may.
        package var regions: [String]

        package init(_ pattern: String, provider: String? = nil, _ limits: LimitSet, regions: [String] = []) {
            self.pattern = ModelPattern(pattern.lowercased())
            self.provider = provider
            self.limits = limits
            self.regions = regions
        }
    }

    package var installation = LimitSet()
    /// Patterns of the models that there are for anybody, as `ModelRights` compares them; none: all.
    package var allowedModels: [String] = []
    /// Tags, of which a provider has to have one to be there for anybody; none: all are.
    package var regions: [String] = []
    package var models: [Model] = []

    package init() {}

    /// What may be asked for at all, whoever asks.
    package var rights: ModelRights {
        var rights = ModelRights.all
        rights.restrict(to: allowedModels)
        rights.restrict(toRegions: regions)
        for model in models { rights.restrict(model.pattern, at: model.provider, toRegions: model.regions) }
        return rights
    }
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
        let names = ModelNames(model)
        return models.compactMap { entry in
            if let wanted = entry.model.provider, !wanted.utf8.elementsEqual(provider.utf8) { return nil }
            return names.fit(entry.model.pattern) ? entry.scope : nil
        }
    }
}
