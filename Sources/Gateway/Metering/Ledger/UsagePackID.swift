/// Which sums stand together in one row: those of one slot, for a run of subjects whose numbers follow each other.
struct UsagePackID: Sendable, Hashable {
    let grain: UsageGrain
    let slot: Int
    /// What the numbers of its subjects are without their last bits.
    let run: Int

    init(grain: UsageGrain, slot: Int, run: Int) {
        self.grain = grain
        self.slot = slot
        self.run = run
    }

    /// The pack that sums belong to.
    init(of key: RollupKey) { self.init(grain: key.grain, slot: key.slot, run: Self.run(of: key.subject)) }

    /// What `number` is of, where it is of this grain.
    init(number: Int, grain: UsageGrain) {
        self.init(grain: grain, slot: number >> Self.bitsOfRun & Self.mask, run: number & Self.mask)
    }

    /// All of it in one number, which within a grain rises with the time.
    var number: Int { grain.rawValue << (2 * Self.bitsOfRun) | slot << Self.bitsOfRun | run }

    /// The numbers of the packs of a span.
    static func numbers(of span: UsageSpan) -> Range<Int> {
        let first = UsagePackID(grain: span.grain, slot: span.slots.lowerBound, run: 0)
        return first.number..<UsagePackID(grain: span.grain, slot: span.slots.upperBound, run: 0).number
    }

    /// The day in UTC at which it begins; those of tenants are near it.
    var day: Int { grain == .hour ? slot / 24 : slot }

    var subjects: Range<Int> { run << Self.bitsOfSubject..<(run + 1) << Self.bitsOfSubject }

    static func run(of subject: Int) -> Int { subject >> bitsOfSubject }

    /// The highest number that a subject can have.
    static let lastSubject = 1 << (bitsOfRun + bitsOfSubject) - 1

    /// 128 subjects are in one pack: of a busy day that is some 2 kB, so that a page is hardly ever too small for it.
    private static let bitsOfSubject = 7
    /// There are fewer hours until the year 9998, and no ledger has 2³⁵ subjects.
    private static let bitsOfRun = 28
    private static let mask = 1 << bitsOfRun - 1
}
