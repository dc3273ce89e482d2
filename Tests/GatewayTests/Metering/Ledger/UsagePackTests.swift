import Testing

@testable import Gateway

@Suite("Packs of sums")
struct UsagePackTests {
    private static let id = UsagePackID(grain: .day, slot: LedgerUnderTest.today, run: 3)

    private static func entry(_ subject: Int, day: Int = LedgerUnderTest.today, cost: Int = 1) -> UsagePack.Entry {
        var sums = UsageSums()
        (sums.requests, sums.input, sums.cost) = (1, UsageSums.most, cost)
        return UsagePack.Entry(subject: id.subjects.lowerBound + subject, day: day, sums: sums)
    }

    private static func pack(_ entries: [UsagePack.Entry]) -> UsagePack {
        var pack = UsagePack(id)
        pack.add(entries)
        return pack
    }

    private static func decoded(_ bytes: some Collection<UInt8>) throws -> UsagePack {
        try Array(bytes).withUnsafeBytes { try UsagePack(id, decoding: $0) }
    }

    @Test("every sum is read back as it was written, with any day that there is")
    func coding() throws {
        var sums = UsageSums()
        (sums.requests, sums.estimated, sums.input, sums.cachedInput, sums.cacheWrite) = (1, 2, 3, 4, 5)
        (sums.output, sums.reasoning, sums.cost, sums.totalMicroseconds) = (6, 7, 8, 9)
        let whole = UsagePack.Entry(subject: Self.id.subjects.lowerBound, day: LedgerUnderTest.today, sums: sums)
        let last = UsageGrain.boundedDay(.max)
        let pack = Self.pack([whole, Self.entry(5, day: 0), Self.entry(5, day: last), Self.entry(127)])
        #expect(try Self.decoded(pack.bytes) == pack)
        #expect(pack.entries.first == whole && pack.entries.count == 4)
        #expect(UsagePack(Self.id).bytes.isEmpty)
        #expect(try Self.decoded([UInt8]()) == UsagePack(Self.id))
    }

    @Test("what is added goes to what is about the same subject and day, and else to its place")
    func adding() {
        let (today, tomorrow) = (LedgerUnderTest.today, LedgerUnderTest.today + 1)
        var pack = Self.pack([Self.entry(1), Self.entry(4), Self.entry(4, day: tomorrow), Self.entry(9)])
        pack.add([
            Self.entry(0), Self.entry(1, day: tomorrow), Self.entry(4, cost: 7), Self.entry(9, cost: 2), Self.entry(12),
        ])
        let found = pack.entries.map { [$0.subject - Self.id.subjects.lowerBound, $0.day - today, $0.sums.cost] }
        #expect(found == [[0, 0, 1], [1, 0, 1], [1, 1, 1], [4, 0, 8], [4, 1, 1], [9, 0, 3], [12, 0, 1]])
        #expect(pack.entries.allSatisfy { $0.sums.input == UsageSums.most })
    }

    @Test("bytes that are no pack are refused, wherever they are cut or changed")
    func damage() throws {
        let bytes = Self.pack([Self.entry(1), Self.entry(127)]).bytes
        let one = Self.pack([Self.entry(1)]).bytes.count
        for count in 1..<bytes.count where count != one {
            #expect(throws: RecordCodingError.self) { try Self.decoded(bytes.prefix(count)) }
        }
        for place in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var damaged = bytes
                damaged[place] = value
                let pack = try? Self.decoded(damaged)
                // What cannot be told from a pack still adds up.
                let entries = pack?.entries ?? []
                #expect(entries.allSatisfy { Self.id.subjects.contains($0.subject) && $0.sums.input >= 0 })
            }
        }
        var strange = Self.entry(1)
        strange.sums.cost = -1
        #expect(throws: RecordCodingError.self) { try Self.decoded(Self.pack([strange]).bytes) }
        strange.sums.cost = 1 << 62
        #expect(throws: RecordCodingError.self) { try Self.decoded(Self.pack([strange]).bytes) }
        #expect(throws: RecordCodingError.self) { try Self.decoded(Self.pack([Self.entry(128)]).bytes) }
        #expect(throws: RecordCodingError.self) { try Self.decoded(Self.pack([Self.entry(1, day: -1)]).bytes) }
    }

    @Test("numbers of packs rise with the time and then with the run, and are all that there is of them")
    func numbers() {
        let last = UsageGrain.hours.upperBound - 1
        for grain in UsageGrain.allCases {
            let ids = [(0, 0), (0, 1), (1, 0), (last, 1 << 28 - 1)].map { slot, run in
                UsagePackID(grain: grain, slot: slot, run: run)
            }
            #expect(ids.map(\.number) == ids.map(\.number).sorted())
            #expect(ids.map { UsagePackID(number: $0.number, grain: grain) } == ids)
            let span = UsagePackID.numbers(of: UsageSpan(grain: grain, slots: 0..<1))
            #expect(ids.map { span.contains($0.number) } == [true, true, false, false])
        }
        let key = RollupKey(grain: .hour, slot: 49, day: 2, subject: 300)
        #expect(UsagePackID(of: key) == UsagePackID(grain: .hour, slot: 49, run: 2))
        #expect(UsagePackID(of: key).day == 2 && UsagePackID(of: key).subjects == 256..<384)
    }
}
