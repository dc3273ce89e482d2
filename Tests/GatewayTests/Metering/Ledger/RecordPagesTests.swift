import Testing

@testable import Gateway

@Suite("Pages of single records")
struct RecordPagesTests {
    private static let start = LedgerUnderTest.start

    /// All ids, a page after the other.
    private static func ids(_ world: LedgerUnderTest, _ query: UsageQuery, most: Int) throws -> [Int] {
        try world.pages(query, most: most).flatMap(\.found).map(\.id)
    }

    @Test("pages of any size have every record once, in both directions", arguments: [1, 7, 4_096, 10_000])
    func sizes(_ most: Int) throws {
        let world = try LedgerUnderTest()
        // Three segments, of which the second has several blocks; filed in pieces that overlap none of them.
        for segment in [2, 1, 3] {
            let count = segment == 2 && most > 7 ? 9_000 : 40
            for first in stride(from: 0, to: count, by: 1_000) {
                let records = (first..<min(first + 1_000, count)).map { Used.record(at: Self.start + $0) }
                try world.file(records, segment: segment, from: first)
            }
        }
        var query = UsageQuery()
        let rising = try Self.ids(world, query, most: most)
        #expect(rising.count == (most > 7 ? 9_080 : 120) && rising == rising.sorted())
        query.order = .newestFirst
        #expect(try Self.ids(world, query, most: most) == rising.reversed())
        query = UsageQuery(since: Self.start + 5, until: Self.start + 30)
        #expect(try Self.ids(world, query, most: most).count == 75)
        #expect(try world.ledger.records(query, after: 0, most: 0).found.isEmpty)
    }

    @Test("a block ends where it is full or lasts a day, so that a time is found without reading all")
    func blocks() throws {
        let world = try LedgerUnderTest()
        try world.file((0..<10_000).map { Used.record(at: Self.start + $0) })
        #expect(try world.count("blocks") == 3)
        for day in [2, 4, 6] { try world.file([Used.record(at: Self.start + day * 86_400_000)], from: 10_000 + day) }
        #expect(try world.count("blocks") == 6)
        let query = UsageQuery(since: Self.start + 4 * 86_400_000)
        #expect(try world.all(query).map(\.at) == [4, 6].map { Self.start + $0 * 86_400_000 })
    }

    @Test("B18: a page looks through a bounded part, however rare a record is, and says where the next one goes on")
    func rare() throws {
        let world = try LedgerUnderTest()
        // Each of them lasts a day, so that each is a block.
        let count = Ledger.blocksOfPage + 10
        try world.file(
            (0..<count).map { day in
                Used.record(at: Self.start + day * 86_400_000) { if day % (count - 1) == 0 { $0.tenant = "ten_b" } }
            }
        )
        #expect(try world.count("blocks") == count)
        for order in [UsageQuery.Order.oldestFirst, .newestFirst] {
            var query = UsageQuery(order: order)
            query.tenant = "ten_b"
            let pages = try world.pages(query, most: 5)
            #expect(pages.map(\.found.count) == [1, 1])
            query.tenant = "ten_a"
            query.client = "never seen"
            #expect(try world.pages(query, most: 5).map(\.found.count) == [0])
            query.client = nil
            query.outcome = "ok"
            #expect(try world.pages(query, most: 9_000).flatMap(\.found).count == count - 2)
        }
    }

    @Test("records that come before others of their segment are found like the rest")
    func outOfOrder() throws {
        let world = try LedgerUnderTest()
        for place in [500, 100, 300, 200, 400, 501, 0] {
            try world.ledger.file([(JournalPlace(segment: 1, offset: place), Used.record(at: place))], positions: [:])
        }
        #expect(try world.all().map(\.at) == [0, 100, 200, 300, 400, 500, 501])
        #expect(try world.all(UsageQuery(since: 200, until: 401)).map(\.at) == [200, 300, 400])
    }
}
