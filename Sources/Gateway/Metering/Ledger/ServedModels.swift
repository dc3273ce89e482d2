import GRDB

/// The models that each tenant was served, as far as reports tell them apart; by the numbers of their words.
///
/// Of a provider that lists no models callers name whatever they like, and words and subjects stay for good: beyond so many
/// models of a tenant all others count together, so that neither grows without end, and nobody takes another tenant's room.
struct ServedModels {
    /// What stands for the models beyond.
    static let others = "(other)"
    /// What one tenant may have.
    static let mostOfTenant = 4_096

    private var models: [Int: Set<Int>] = [:]
    /// Of all tenants together.
    private var count = 0

    /// Whether one more of a tenant's models would be told apart; to be asked before the tenant's are.
    mutating func hasRoom(for tenant: Int, in database: Database) throws -> Bool {
        if let known = models[tenant]?.count { return known < Self.mostOfTenant }
        let known = try UsageSubject.models(of: tenant, in: database)
        if count >= Self.most { (models, count) = ([:], 0) }
        models[tenant] = known
        count += known.count
        return known.count < Self.mostOfTenant
    }

    func contains(_ model: Int, of tenant: Int) -> Bool { models[tenant]?.contains(model) ?? false }

    mutating func note(_ model: Int, of tenant: Int) {
        if models[tenant, default: []].insert(model).inserted { count += 1 }
    }

    /// What is remembered of all; some 20 MB.
    private static let most = 1 << 20
}
