import Providers

/// Which models somebody may ask for: those that every one of some lists allows.
package struct ModelRights: Sendable, Hashable {
    private var lists: [[ModelPattern]] = []

    /// Everything is allowed where nobody says otherwise.
    package static let all = ModelRights()

    package init() {}

    /// Adds a list; an empty one says nothing.
    package mutating func restrict(to patterns: [String]) {
        guard !patterns.isEmpty else { return }
        lists.append(patterns.map { ModelPattern($0) })
    }

    var isUnrestricted: Bool { lists.isEmpty }

    /// Whether a provider's model may be asked for; a pattern names it alone or as `provider/model`.
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
