import Providers

/// Which models somebody may ask for, and where: what every one of some lists allows.
package struct ModelRights: Sendable, Hashable {
    private var lists: [[ModelPattern]] = []
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

    var isUnrestricted: Bool { lists.isEmpty && regions.isEmpty }

    /// Whether there is a provider for him at all.
    func reach(_ provider: Provider) -> Bool {
        regions.allSatisfy { list in
            provider.tags.contains { tag in list.contains { $0.utf8.elementsEqual(tag.utf8) } }
        }
    }

    /// Whether a provider's model may be asked for.
    func allow(_ model: String, of provider: Provider) -> Bool {
        reach(provider) && allow(model, of: provider.name)
    }

    /// Whether a model may be asked for as far as its name goes; a pattern names it alone or as `provider/model`.
    func allow(_ model: String, of provider: String) -> Bool {
        guard !lists.isEmpty else { return true }
        // Patterns with many stars take their time with a long name, and no model has one.
        guard model.utf8.count <= Self.longestName else { return false }
        let long = "\(provider)/\(model)"
        return lists.allSatisfy { list in list.contains { $0.matches(model) || $0.matches(long) } }
    }

    /// Bytes.
    private static let longestName = 512
}
