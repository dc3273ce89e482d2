/// Whether and how requests are accounted for; fixed from the start on.
package struct MeteringSettings: Sendable, Hashable {
    /// Without it nothing is recorded, and budgets count only what the running process has seen.
    package var isOn: Bool
    package var journal: JournalSettings
    package var ledger: LedgerSettings

    package init(
        isOn: Bool = true,
        journal: JournalSettings = JournalSettings(),
        ledger: LedgerSettings = LedgerSettings()
    ) {
        self.isOn = isOn
        self.journal = journal
        self.ledger = ledger
    }
}
