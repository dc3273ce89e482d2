import Dispatch
import GRDB
import Inference
import Testing

@testable import Gateway

@Suite("The ledger")
struct LedgerTests {
    @Test("a damaged pack is set aside when something is filed into it, and is named by whoever reads it before")
    func damagedPack() throws {
        let world = try LedgerUnderTest()
        try world.file([Used.record()])
        try world.ledger.database.write { database in
            try database.execute(sql: "UPDATE packs SET sums = x'FFFF'")
        }
        #expect(throws: DamagedPack.self) { try world.ledger.report(UsageQuery()) }
        #expect(throws: DamagedPack.self) { try world.ledger.spends(since: LedgerUnderTest.today) }
        try world.file([Used.record()], from: 1)
        #expect(try world.ledger.report(UsageQuery()).total.requests == 1)
        #expect(try world.all().count == 2)
        #expect(try world.count("packs") == 6)
    }

    @Test("a record is read back as it was filed, whatever of it is there")
    func wholeRecords() throws {
        let world = try LedgerUnderTest()
        let partial = Used.record { $0.price = Price(input: 3, output: 4, image: 5) }
        try world.file([Used.full, UsageRecord(), partial])
        #expect(try world.all() == [Used.full, UsageRecord(), partial])
        let ids = try world.ledger.records(UsageQuery(), after: 0, most: 9).found.map(\.id)
        #expect(ids == [0, 100, 200].map { JournalPlace(segment: 1, offset: $0).id })
    }

    @Test("a price keeps the text that it had before there was one for an hour in a cache, and is read from it")
    func textsOfPrices() {
        let price = Price(input: 1, cachedInput: 2, output: 4, request: 7)
        #expect(price.ledgerText == "1,2,,4,,,7" && Price(ledgerText: "1,2,,4,,,7") == price)
        let hour = Price(input: 1, cacheWrite1h: 8, output: 4)
        #expect(hour.ledgerText == "1,,,4,,,,8" && Price(ledgerText: "1,,,4,,,,8") == hour)
        #expect(Price(ledgerText: "1,,,4,,,,,8") == nil && Price(ledgerText: "1,,,4") == nil)
    }

    @Test("a ledger of an earlier version takes records of this one, and gives its own as they were")
    func earlierVersions() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/\(LedgerSettings.fileName)"
        let old = try DatabaseQueue(path: path)
        try LedgerSchema.migrator.migrate(old, upTo: "1 usage")
        try old.write { database in
            try database.execute(
                sql: """
                    INSERT INTO usage (id, at, day, request_id, is_stream, status, outcome, attempts, images, is_estimated,
                    cost, waited_us, total_us) VALUES (1, 5, 0, 'r', 0, 200, 0, 1, 0, 0, 9, 0, 7);
                    INSERT INTO blocks VALUES (1, 1, 1, 5, 5);
                    INSERT INTO words VALUES (1, 'ten_old');
                    INSERT INTO subjects VALUES (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
                    INSERT INTO rollups VALUES (0, 500000, 20833, 1, 1, 0, 0, 0, 0, 0, 0, 9, 7),
                    (1, 20833, 20833, 1, 1, 0, 0, 0, 0, 0, 0, 9, 7), (2, 20819, 20819, 1, 1, 0, 0, 0, 0, 0, 0, 9, 7);
                    """
            )
        }
        try old.close()
        let world = try LedgerUnderTest(LedgerSettings(place: .folder(scratch.path)))
        try world.file([Used.full])
        let records = try world.all()
        #expect(records.count == 2 && records.last == Used.full)
        #expect(records.first?.requestID == "r" && records.first?.usage.cacheWrite1h == nil)
        #expect(records.first?.part == .request)
        for _ in 0..<2 {
            let report = try world.ledger.report(UsageQuery(by: [.tenant], sort: .values))
            #expect(report.rows.map(\.values) == [["ten_a"], ["ten_old"]])
            #expect(report.rows.last?.cost.nanos == 9 && report.total.requests == 2)
            // From then on its sums are in packs.
            _ = try world.retain()
        }
    }

    @Test("what was sent beside a request counts its tokens and its cost, and neither a request nor its time")
    func parts() throws {
        let world = try LedgerUnderTest()
        let hedge = Used.record { record in (record.part, record.outcome) = (.hedge, .interrupted) }
        try world.file([Used.record(), Used.record { $0.part = .shadow }, hedge])
        let total = try world.ledger.report(UsageQuery()).total
        #expect(total.requests == 1 && total.failed == 0 && total.totalMicroseconds == 7)
        #expect(total.input == 30 && total.output == 15 && total.cost.nanos == 3_000)
        #expect(try world.ledger.spends(since: 0).allSatisfy { $0.tokens == 45 && $0.cost.nanos == 3_000 })
        #expect(try world.all().map(\.part) == [.request, .shadow, .hedge])
    }

    @Test("filing the same places twice changes nothing, whether the journal's position was noted or not")
    func idempotence() throws {
        let world = try LedgerUnderTest()
        let records = [Used.record(), Used.record { $0.outcome = .failed }]
        let placed = records.enumerated().map { (place: JournalPlace(segment: 3, offset: $0 * 50), record: $1) }
        for positions in [[:], [:], [3: 100], [3: 100], [3: 50]] as [[Int: Int]] {
            try world.ledger.file(placed, positions: positions)
        }
        #expect(try world.all() == records)
        let total = try world.ledger.report(UsageQuery()).total
        #expect(total.requests == 2 && total.failed == 1 && total.cost.nanos == 2_000)
        #expect(try world.ledger.spends(since: 0).allSatisfy { $0.tokens == 30 && $0.cost.nanos == 2_000 })
        #expect(try world.ledger.positions() == [3: 100])
        #expect(try world.ledger.lastSegment == 3)
    }

    @Test(
        "a model that nobody served is read back and becomes no word",
        arguments: ["12345", "gpt-5", "=x", "", "\u{301}a", String(repeating: "é", count: 900)]
    )
    func unservedModel(_ model: String) throws {
        let world = try LedgerUnderTest()
        try world.file([Used.record { $0.upstreamModel = nil }])
        let words = try world.count("words")
        try world.file(
            [
                Used.record { record in (record.model, record.upstreamModel) = (model, nil) },
                Used.record { $0.upstreamModel = nil },
            ],
            from: 1
        )
        #expect(try world.count("words") == words)
        // What is too long is cut.
        let stored = model.utf8.count > 1_024 ? String(model.prefix(512)) : model
        #expect(try world.all().map(\.model) == ["fast", stored, "fast"])
    }

    @Test("positions of segments that are gone are forgotten, but for the highest")
    func forgottenPositions() throws {
        let world = try LedgerUnderTest()
        for segment in 1...5 { try world.ledger.file([], positions: [segment: segment * 10]) }
        try world.ledger.forgetPositions(except: [2, 9])
        #expect(try world.ledger.positions() == [2: 20, 5: 50])
        #expect(try world.ledger.lastSegment == 5)
        // What was filed of a segment is still known to be.
        try world.ledger.file([(JournalPlace(segment: 2, offset: 10), Used.record())], positions: [2: 20])
        #expect(try world.all().isEmpty)
    }

    @Test("the highest segment is 0 before the first")
    func noSegment() throws {
        #expect(try LedgerUnderTest().ledger.lastSegment == 0)
    }

    @Test(
        "F15: what a full disk refuses leaves nothing behind, can be read past, and is filed as soon as there is room"
    )
    func full() throws {
        let world = try LedgerUnderTest()
        try world.file([Used.record()])
        try world.limitFile(pages: 1)
        let many = (0..<2_000).map { number in Used.record { $0.tenant = "ten_\(number)" } }
        #expect(throws: DatabaseError.self) { try world.file(many, from: 1) }
        #expect(try world.all().count == 1)
        #expect(try world.ledger.report(UsageQuery(by: [.tenant])).rows.map(\.values) == [["ten_a"]])
        #expect(try world.ledger.positions() == [1: 100])
        try world.limitFile(pages: 1_000_000)
        try world.file(many, from: 1)
        #expect(try world.all() == [Used.record()] + many)
        #expect(try world.ledger.report(UsageQuery(by: [.tenant], limit: 10_000)).rows.count == 2_001)
    }

    @Test("F14: what was filed is there after a process that never closed it, in a file that is its user's alone")
    func reopened() throws {
        let scratch = try Scratch()
        let settings = LedgerSettings(place: .folder(scratch.path + "/state"))
        let first = try LedgerUnderTest(settings)
        try first.file([Used.full])
        let second = try LedgerUnderTest(settings)
        try second.file([Used.full, Used.record()])
        #expect(try first.all() == [Used.full, Used.record()])
        #expect(try second.ledger.report(UsageQuery()).total.requests == 2)
        #expect(try scratch.mode("state/ledger.sqlite") == 0o600)
        try second.ledger.close()
        #expect(throws: (any Error).self) { try second.all() }
    }

    @Test("a transaction in a file outlives a loss of power")
    func durable() throws {
        let scratch = try Scratch()
        let world = try LedgerUnderTest(LedgerSettings(place: .folder(scratch.path)))
        let identities = try StoreFile.database(
            .file(scratch.path + "/identity.sqlite"),
            IdentitySchema.migrator,
            isDurable: true
        )
        for database in [world.ledger.database, identities] as [any DatabaseWriter] {
            // 2 is FULL.
            let mode = try database.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            #expect(mode == 2)
        }
    }

    @Test("F18: a report does not wait for what is being filed")
    func readBeside() throws {
        let scratch = try Scratch()
        let world = try LedgerUnderTest(LedgerSettings(place: .folder(scratch.path)))
        try world.file([Used.record()])
        let begun = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        world.ledger.database.asyncWriteWithoutTransaction { database in
            let lock = Result { try database.execute(sql: "BEGIN IMMEDIATE; DELETE FROM usage") }
            begun.signal()
            gate.wait()
            if case .success = lock { try? database.execute(sql: "ROLLBACK") }  // Then nothing is there to be undone.
            done.signal()
        }
        defer {
            gate.signal()
            done.wait()
        }
        begun.wait()
        #expect(try world.ledger.report(UsageQuery()).total.requests == 1)
        #expect(try world.all().count == 1)
    }

    @Test("a file that cannot be used, or is of a later version, is not opened")
    func unusable() throws {
        let scratch = try Scratch()
        try scratch.write("this is no database, and it is long enough for one to be read", to: "ledger.sqlite")
        let settings = LedgerSettings(place: .folder(scratch.path))
        #expect(throws: (any Error).self) { try LedgerUnderTest(settings) }
        let later = LedgerSettings(place: .folder(scratch.path + "/later"))
        try LedgerUnderTest(later).ledger.database.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 later')")
        }
        #expect(throws: StoreFileProblem.self) { try LedgerUnderTest(later) }
    }

    @Test("T12: texts are compared by their bytes, so that spellings of one letter are two models")
    func bytes() throws {
        let world = try LedgerUnderTest()
        for (place, name) in ["caf\u{E9}", "cafe\u{301}", "CAF\u{E9}"].enumerated() {
            try world.file([Used.record { $0.upstreamModel = name }], from: place)
        }
        let report = try world.ledger.report(UsageQuery(by: [.model]))
        #expect(report.rows.count == 3 && report.rows.allSatisfy { $0.requests == 1 })
        let models = try world.all().map { Array(($0.upstreamModel ?? "").utf8) }
        #expect(models == [Array("caf\u{E9}".utf8), Array("cafe\u{301}".utf8), Array("CAF\u{E9}".utf8)])
    }

    @Test("no claim of a provider makes a sum too large, and what is below zero counts for nothing")
    func claims() throws {
        let world = try LedgerUnderTest()
        let greedy = Used.record { record in
            record.usage = Usage(input: .max, output: .max)
            record.cost = Money(nanos: .max)
        }
        try world.file(Array(repeating: greedy, count: 100))
        try world.file([Used.record { $0.usage = Usage(input: -5, output: .min) }], from: 100)
        let total = try world.ledger.report(UsageQuery()).total
        #expect(total.requests == 101 && total.input == UsageSums.most && total.cost.nanos == UsageSums.most)
        #expect(try world.ledger.report(UsageQuery(by: [.tenant, .day])).rows.count == 1)
        #expect(try world.ledger.spends(since: 0).allSatisfy { $0.tokens == UsageSums.most })
    }

    @Test("F16: times that no clock should have are counted where they can be told", arguments: [Int.min, -1, Int.max])
    func strangeTimes(_ time: Int) throws {
        let world = try LedgerUnderTest()
        let record = Used.record { ($0.at, $0.day) = (time, time) }
        try world.file([record])
        #expect(try world.all() == (time < .max ? [record] : []))
        let day = time > 0 ? "9998-12-31" : "1970-01-01"
        #expect(
            try world.ledger.report(UsageQuery(by: [.day, .month])).rows.map(\.values) == [[day, "\(day.prefix(7))"]]
        )
    }

    @Test("what a tenant, a team, a user and a key spent is told by the day, from a day on")
    func spends() throws {
        let world = try LedgerUnderTest()
        let today = LedgerUnderTest.today
        try world.file([
            Used.record(), Used.record { $0.key = "key_b" },
            Used.record { ($0.day, $0.outcome) = (today + 1, .failed) },
            Used.record(at: LedgerUnderTest.start - 86_400_000),
            Used.record { ($0.tenant, $0.team, $0.user, $0.key) = (nil, nil, nil, "key_c") },
        ])
        func spend(_ day: Int, _ level: LimitLevel, _ id: String, _ count: Int = 1) -> SpendOfDay {
            SpendOfDay(day: day, level: level, id: id, cost: Money(nanos: 1_000 * count), tokens: 15 * count)
        }
        var expected: Set<SpendOfDay> = [
            spend(today, .tenant, "ten_a", 2), spend(today, .team, "team_a", 2), spend(today, .user, "user_a", 2),
            spend(today, .key, "key_a"), spend(today, .key, "key_b"), spend(today, .key, "key_c"),
        ]
        for (level, id) in [(LimitLevel.tenant, "ten_a"), (.team, "team_a"), (.user, "user_a"), (.key, "key_a")] {
            expected.insert(spend(today + 1, level, id))
        }
        let spends = try world.ledger.spends(since: today)
        #expect(spends.count == expected.count && Set(spends) == expected)
    }

    @Test("the tables are those of every version before, brought up to date")
    func migrations() throws {
        let tables = try LedgerUnderTest().ledger.database.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        }
        let own = ["alerts", "blocks", "packs", "positions", "rollups", "subjects", "usage", "words"]
        #expect(Set(tables) == Set(own + ["grdb_migrations"]))
    }
}
