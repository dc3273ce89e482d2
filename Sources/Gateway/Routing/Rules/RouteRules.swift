package import Providers
import Synchronization

/// All rules, made ready: what a request costs does not grow with their number.
///
/// Made once for each configuration; turns that targets and keys take go on while tables are swapped.
package final class RouteRules: Sendable {
    /// The preference of callers who state none.
    package let preference: RoutePreference?
    let entries: [Entry]
    private let sieves: [RuleSieve]
    private let index: RuleIndex
    /// Whose keys take turns, by the provider's name.
    private let keyTurns: [String: Turn]
    /// Whether what callers have spent matters to any rule.
    let asksForSpend: Bool

    /// One rule with what belongs to it alone.
    final class Entry: Sendable {
        let rule: RouteRule
        let clock: ScheduleClock?
        let turn = Turn()
        /// Of its name.
        let hash: UInt64
        /// Whether a target goes by the caller's own word for the model.
        let keepsModel: Bool

        init(_ rule: RouteRule) {
            self.rule = rule
            clock = rule.conditions.schedule.map(ScheduleClock.init)
            hash = RouteHash.of(rule.name.utf8)
            let shares = [rule.canary, rule.shadow].compactMap(\.self)
            keepsModel =
                rule.targets.contains { $0.model == nil } || rule.fallbacks.contains { $0.model == nil }
                || shares.contains { $0.model == nil }
        }
    }

    /// Counts round.
    final class Turn: Sendable {
        private let next = Atomic<Int>(0)

        func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue & .max }
    }

    /// Makes them ready; `providers` are all that there are, for those with several keys.
    package init(_ rules: [RouteRule] = [], preference: RoutePreference? = nil, providers: [Provider] = []) {
        self.preference = preference
        entries = rules.map(Entry.init)
        sieves = rules.map { RuleSieve($0.conditions) }
        index = RuleIndex(rules)
        asksForSpend = rules.contains { $0.conditions.asksForSpend }
        let rotating = providers.filter { $0.apiKeys.count > 1 }
        keyTurns = Dictionary(rotating.map { ($0.name, Turn()) }) { first, _ in first }
    }

    /// In the configuration's order.
    package var rules: [RouteRule] { entries.map(\.rule) }
    package var isEmpty: Bool { entries.isEmpty }
    /// Whether a request's session matters to anything.
    var asksForSession: Bool { !entries.isEmpty || !keyTurns.isEmpty }

    /// The first rule that fits a request, by its place.
    package func first(for query: RouteQuery) -> Int? {
        guard !entries.isEmpty else { return nil }
        let traits = RuleSieve.Traits(query)
        var best = entries.count
        var model = query.model
        model.withUTF8 { text in
            let name = UnsafeRawBufferPointer(text)
            index.visit(query, name) { places in
                for place in places {
                    guard place < best else { break }
                    guard sieves[place].lets(traits, query.tokens) else { continue }
                    guard sieves[place].isAll || Self.holds(entries[place], query, name) else { continue }
                    best = place
                    break
                }
            }
        }
        return best < entries.count ? best : nil
    }

    func keyTurn(of provider: String) -> Int { keyTurns[provider]?.take() ?? 0 }

    private static func holds(_ entry: Entry, _ query: RouteQuery, _ model: UnsafeRawBufferPointer) -> Bool {
        if !entry.rule.conditions.models.isEmpty,
            !entry.rule.conditions.models.contains(where: { $0.matches(model) })
        {
            return false
        }
        if !entry.rule.conditions.families.isEmpty,
            !entry.rule.conditions.families.contains(where: { ModelFamily.holds($0, model) })
        {
            return false
        }
        for header in entry.rule.conditions.headers where !query.fields.has(header) { return false }
        guard
            holds(entry.rule.conditions.tenants, query.tenant) || holds(entry.rule.conditions.tenants, query.tenantID),
            holds(entry.rule.conditions.roles, query.role), holds(entry.rule.conditions.keyLabels, query.keyLabel)
        else { return false }
        guard entry.rule.conditions.holdSpend(of: query) else { return false }
        return entry.clock?.isOpen(at: query.time) ?? true
    }

    private static func holds(_ wanted: Set<String>, _ name: String?) -> Bool {
        guard !wanted.isEmpty else { return true }
        guard let name else { return false }
        return wanted.contains { $0.utf8.elementsEqual(name.utf8) }
    }
}

extension Fields {
    /// Whether one of the fields of a name has a value of a pattern.
    func has(_ wanted: RouteConditions.HeaderField) -> Bool {
        var isThere = false
        forEachField { if !isThere, $0.isNamed(text: wanted.name), wanted.value.matches($0.value) { isThere = true } }
        return isThere
    }
}
