import Providers

/// Which models somebody may ask for, and where: what every one of some lists allows.
package struct ModelRights: Sendable, Hashable {
    /// Where models of a pattern may be asked for.
    private struct Place: Sendable, Hashable {
        let pattern: ModelPattern
        /// Says nothing of others, where it is one.
        let provider: String?
        let regions: [String]
    }

    private var lists: [[ModelPattern]] = []
    private var places: [Place] = []
    /// Of each of these lists a provider has to have one among its tags; others do not exist for him.
    private(set) var regions: [[String]] = []

    /// Everything is allowed where nobody says otherwise.
    package static let all = ModelRights()

    package init() {}

    /// Adds a list; an empty one says nothing.
    package mutating func restrict(to patterns: [String]) {
        guard !patterns.isEmpty else { return }
        lists.append(patterns.map { ModelPattern($0) })
    }

    /// The same with patterns that are read already.
    mutating func restrict(toPatterns patterns: [ModelPattern]) {
        if !patterns.isEmpty { lists.append(patterns) }
    }

    /// Adds a list of tags; an empty one says nothing.
    package mutating func restrict(toRegions tags: [String]) {
        if !tags.isEmpty, !regions.contains(tags) { regions.append(tags) }
    }

    /// Has models of a pattern be asked for only at providers with one of these tags; without tags it says nothing.
    ///
    /// The pattern is in lower case; `provider` is nil where every provider is meant.
    mutating func restrict(_ pattern: ModelPattern, at provider: String?, toRegions tags: [String]) {
        if !tags.isEmpty { places.append(Place(pattern: pattern, provider: provider, regions: tags)) }
    }

    var isUnrestricted: Bool { lists.isEmpty && regions.isEmpty && places.isEmpty }

    /// Whether there is a provider for him at all.
    func reach(_ provider: Provider) -> Bool {
        regions.allSatisfy { Self.has(provider, $0) }
    }

    /// Whether a provider's model may be asked for.
    func allow(_ model: String, of provider: Provider) -> Bool {
        reach(provider) && allow(model, of: provider.name) && mayStand(model, at: provider)
    }

    /// Whether a model may be asked for as far as its name goes; a pattern names it alone or as `provider/model`.
    func allow(_ model: String, of provider: String) -> Bool {
        guard !lists.isEmpty else { return true }
        // Patterns with many stars take their time with a long name, and no model has one.
        guard model.utf8.count <= Self.longestName else { return false }
        let long = "\(provider)/\(model)"
        return lists.allSatisfy { list in list.contains { $0.matches(model) || $0.matches(long) } }
    }

    private func mayStand(_ model: String, at provider: Provider) -> Bool {
        guard !places.isEmpty else { return true }
        guard model.utf8.count <= Self.longestName else { return false }
        let names = ModelNames(model)
        return places.allSatisfy { place in
            if let name = place.provider, !name.utf8.elementsEqual(provider.name.utf8) { return true }
            return !names.fit(place.pattern) || Self.has(provider, place.regions)
        }
    }

    private static func has(_ provider: Provider, _ regions: [String]) -> Bool {
        provider.tags.contains { tag in regions.contains { $0.utf8.elementsEqual(tag.utf8) } }
    }

    /// Bytes.
    private static let longestName = 512
}
