/// Single records that follow each other, and where the reading of them ended.
package struct RecordPage: Sendable {
    package var found: [(id: Int, record: UsageRecord)] = []
    /// The id behind which the next page begins; nil where nothing was left for now.
    ///
    /// Where hardly anything is of what was asked for, a page ends before it is full, and may have nothing at all.
    package var next: Int?

    /// The same for whoever could use only the first ones of it.
    func next(behind used: Int) -> Int? { used > 0 && used < found.count ? found[used - 1].id : next }
}
