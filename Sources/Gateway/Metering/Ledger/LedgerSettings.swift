/// Where the account of all requests is kept, and for how long.
package struct LedgerSettings: Sendable, Hashable {
    /// In a folder it is `ledger.sqlite`.
    package var place: IdentityStore.Place
    /// Days for which single records are kept.
    package var retention: Int
    /// Days for which the sums that reports are made of are kept, and then up to a month more; at least 64, as budgets go on
    /// from the sums of their month.
    package var rollupRetention: Int

    package init(place: IdentityStore.Place = .memory, retention: Int = 90, rollupRetention: Int = 800) {
        self.place = place
        self.retention = retention
        self.rollupRetention = rollupRetention
    }

    static let fileName = "ledger.sqlite"
}
