import Providers

/// Finds the rules that may fit a request, without looking at the others.
///
/// Each rule stands under the one of its conditions that tells requests apart best, under a hash of what the condition
/// wants. Two that share a hash only make a list longer: whatever is found is looked at in full.
struct RuleIndex {
    /// Rules by the literal beginning of a name.
    private struct Beginnings {
        private static let longest = 63
        /// A bit for each length that there is.
        private var lengths: UInt64 = 0
        private var rules: [UInt64: [Int]] = [:]

        mutating func add(_ beginning: some Collection<UInt8>, _ rule: Int) {
            let cut = beginning.prefix(Self.longest)
            lengths |= 1 << UInt64(cut.count)
            rules[RouteHash.of(cut), default: []].append(rule)
        }

        func visit(_ name: UnsafeRawBufferPointer, _ body: ([Int]) -> Void) {
            guard lengths != 0 else { return }
            var hash = RouteHash.of(EmptyCollection())
            for count in 1...max(1, min(name.count, Self.longest)) where count <= name.count {
                hash = RouteHash.of(CollectionOfOne(name[count - 1]), after: hash)
                if lengths & (1 << UInt64(count)) != 0, let found = rules[hash] { body(found) }
            }
        }
    }

    private var models: [UInt64: [Int]] = [:]
    private var beginnings = Beginnings()
    private var families = Beginnings()
    /// By a field's name and value, and by its name alone.
    private var values: [UInt64: [Int]] = [:]
    private var fields: [UInt64: [Int]] = [:]
    private var fieldNames: Set<UInt64> = []
    /// A bit for each length of such a name.
    private var fieldLengths: UInt64 = 0
    private var tenants: [UInt64: [Int]] = [:]
    private var keyLabels: [UInt64: [Int]] = [:]
    private var roles: [UInt64: [Int]] = [:]
    /// What none of these tells apart.
    private var others: [Int] = []

    init(_ rules: [RouteRule]) {
        for (place, rule) in rules.enumerated() { add(rule.conditions, place) }
    }

    private mutating func add(_ conditions: RouteConditions, _ rule: Int) {
        let models = conditions.models
        if !models.isEmpty, models.allSatisfy(\.isExact) {
            add(models, rule)
        } else if let field = conditions.headers.first(where: \.value.isExact) {
            noteField(field.name)
            values[Self.hash(Self.hash(field.name.utf8), field.value.text.utf8), default: []].append(rule)
        } else if !conditions.keyLabels.isEmpty {
            for label in conditions.keyLabels { keyLabels[Self.hash(label.utf8), default: []].append(rule) }
        } else if !conditions.tenants.isEmpty {
            for tenant in conditions.tenants { tenants[Self.hash(tenant.utf8), default: []].append(rule) }
        } else if !conditions.roles.isEmpty {
            for role in conditions.roles { roles[Self.hash(role.utf8), default: []].append(rule) }
        } else if !models.isEmpty, models.allSatisfy({ !$0.literalPrefix.isEmpty }) {
            add(models, rule)
        } else if !conditions.families.isEmpty {
            for family in conditions.families { families.add(family.utf8, rule) }
        } else if let field = conditions.headers.first {
            noteField(field.name)
            fields[Self.hash(field.name.utf8), default: []].append(rule)
        } else {
            others.append(rule)
        }
    }

    private mutating func add(_ patterns: [ModelPattern], _ rule: Int) {
        for pattern in patterns {
            if pattern.isExact {
                models[Self.hash(pattern.text.utf8), default: []].append(rule)
            } else {
                beginnings.add(pattern.literalPrefix, rule)
            }
        }
    }

    private mutating func noteField(_ name: String) {
        fieldNames.insert(Self.hash(name.utf8))
        fieldLengths |= 1 << UInt64(min(63, name.utf8.count))
    }

    /// Lends lists of rules, each in their order; whatever fits is in one of them.
    func visit(_ query: RouteQuery, _ model: UnsafeRawBufferPointer, _ body: ([Int]) -> Void) {
        if !others.isEmpty { body(others) }
        if !models.isEmpty, let found = models[Self.hash(model)] { body(found) }
        beginnings.visit(model, body)
        families.visit(UnsafeRawBufferPointer(rebasing: model[ModelFamily.start(model)...]), body)
        if fieldLengths != 0 { query.fields.forEachField { visit($0, body) } }
        if let tenant = query.tenant, let found = tenants[Self.hash(tenant.utf8)] { body(found) }
        if let id = query.tenantID, let found = tenants[Self.hash(id.utf8)] { body(found) }
        if let label = query.keyLabel, let found = keyLabels[Self.hash(label.utf8)] { body(found) }
        if let role = query.role, let found = roles[Self.hash(role.utf8)] { body(found) }
    }

    private func visit(_ field: Field, _ body: ([Int]) -> Void) {
        guard fieldLengths & (1 << UInt64(min(63, field.name.count))) != 0 else { return }
        var name = RouteHash.of(EmptyCollection())
        for byte in field.name {
            let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            name = RouteHash.of(CollectionOfOne(lower), after: name)
        }
        guard fieldNames.contains(name) else { return }
        if let found = values[Self.hash(name, field.value)] { body(found) }
        if let found = fields[name] { body(found) }
    }

    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 { RouteHash.of(bytes) }

    private static func hash(_ name: UInt64, _ value: some Sequence<UInt8>) -> UInt64 {
        RouteHash.of(value, after: RouteHash.mixed(name))
    }
}
