import GRDB
import Testing

@testable import Gateway

@Suite("Ten thousand keys of five hundred tenants")
struct ManyKeysTests {
    private static let tenants = 500
    private static let keys = 10_000

    /// A store that holds them, written as rows and not by ten thousand acts.
    static func store(in folder: String) throws -> IdentityStore {
        let store = try IdentityStore(.folder(folder))
        try store.write { (tables) throws(AdministrationProblem) in
            try tables.guarded {
                let database = tables.database
                for number in 0..<Self.tenants {
                    try database.execute(
                        sql: """
                            INSERT INTO tenants (id, name, status, created_at, requests_per_minute, tokens_per_day)
                            VALUES (?, ?, 'active', 1, 600, 1000000)
                            """,
                        arguments: ["ten_\(number)", "tenant \(number)"]
                    )
                    try database.execute(
                        sql: """
                            INSERT INTO policies (id, tenant, label, models, created_at)
                            VALUES (?, ?, 'p', '["gpt-*","qwen*"]', 1)
                            """,
                        arguments: ["pol_\(number)", "ten_\(number)"]
                    )
                }
                let hash = IdentityTables.blob([UInt8](repeating: 7, count: 32))
                for number in 0..<Self.keys {
                    try database.execute(
                        sql: """
                            INSERT INTO keys (id, tenant, label, role, scopes, hash, created_at)
                            VALUES (?, ?, ?, 'member', '["models","admin"]', ?, 1)
                            """,
                        arguments: ["key\(number)", "ten_\(number % Self.tenants)", "label \(number)", hash]
                    )
                }
            }
        }
        return store
    }

    @Test("what keys of a tenant have in common is one object, and goes on from one snapshot to the next")
    func shared() throws {
        let scratch = try Scratch()
        let store = try Self.store(in: scratch.path)
        let first = try store.snapshot()
        #expect(first.keys.count == Self.keys && first.scopes.tenants.count == Self.tenants)
        let scopes = Set(first.keys.values.flatMap { $0.principal.limits.map { ObjectIdentifier($0) } })
        let loads = Set(first.keys.values.compactMap { $0.principal.load.map { ObjectIdentifier($0) } })
        #expect(scopes.count == Self.tenants && loads.count == Self.tenants)
        let one = try #require(first.keys["key3"]).principal
        let two = try #require(first.keys["key503"]).principal
        #expect(one.limits[0] === two.limits[0] && one.load === two.load && one.tenantName == "tenant 3")
        #expect(one.rights.allow("gpt-5", of: "p") && !one.rights.allow("llama", of: "p"))
        #expect(one.rights == two.rights && one.scopes == [.models, .admin] && one.role == .member)
        let second = try store.snapshot(after: first)
        #expect(try #require(second.keys["key3"]).principal.limits[0] === one.limits[0])
        #expect(try #require(second.keys["key3"]).use === first.keys["key3"]?.use)
        #expect(second.keys["key503"]?.principal.load === one.load)
    }

    @Test("a snapshot of them is read in well under the 300 ms that a start may take")
    func duration() throws {
        let scratch = try Scratch()
        let store = try Self.store(in: scratch.path)
        var times: [Duration] = []
        for _ in 0..<5 {
            let begun = ContinuousClock.now
            _ = try store.snapshot()
            times.append(ContinuousClock.now - begun)
        }
        // Built without optimisation and beside other tests it may take several times as long as it does in use.
        #expect(try #require(times.min()) < .seconds(3), "\(times)")
    }
}
