package import Providers

/// Where and for how long Responses conversations are kept.
package struct StoreSettings: Sendable, Hashable {
    /// Where the store is.
    package enum Place: Sendable, Hashable {
        /// In the process, until it ends.
        case memory
        /// In a file of this absolute path; its folder is made where it is missing.
        case file(String)

        /// How many bytes may be kept there where somebody wants so many: in memory at most 64 MiB.
        func room(for bytes: Int) -> Int { self == .memory ? min(bytes, 64 << 20) : bytes }
    }

    package var place: Place
    /// How long a conversation is kept after its last use.
    package var ttl: Duration
    /// Bytes of all conversations; in memory at most 64 MiB.
    package var maximumBytes: Int
    /// What compactions are sealed with, so that several gateways can open them; nil means a key of this machine's own.
    package var sealingKey: Secret?
    /// How long a request waits for the store before it is told that there is none.
    package var patience: Duration
    /// Bytes of responses that wait to be written.
    package var backlog: Int

    package init(
        place: Place = .memory,
        ttl: Duration = .seconds(30 * 86_400),
        maximumBytes: Int = 1 << 30,
        sealingKey: Secret? = nil,
        patience: Duration = .seconds(5),
        backlog: Int = 16 << 20
    ) {
        self.place = place
        self.ttl = ttl
        self.maximumBytes = maximumBytes
        self.sealingKey = sealingKey
        self.patience = patience
        self.backlog = backlog
    }
}
