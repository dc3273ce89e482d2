import NIOCore
import Synchronization

/// A key as requests are checked against it; a part of one snapshot and never changed.
final class IssuedKey: Sendable {
    let id: String
    let principal: Principal
    let use: KeyUse
    private let addresses: [AddressRange]
    private let expiresAt: Int?
    private let hash: [UInt8]
    private let previousHash: [UInt8]?
    private let overlapUntil: Int?

    init(
        id: String,
        principal: Principal,
        addresses: [AddressRange],
        expiresAt: Int?,
        hash: [UInt8],
        previousHash: [UInt8]?,
        overlapUntil: Int?,
        use: KeyUse
    ) {
        self.id = id
        self.principal = principal
        self.addresses = addresses
        self.expiresAt = expiresAt
        self.hash = hash
        self.previousHash = previousHash
        self.overlapUntil = overlapUntil
        self.use = use
    }

    /// Whether a text is this key, or the one before it while both count; takes the same time for every text.
    func isOpened(by text: String, _ hasher: KeyHasher, now: Int) -> Bool {
        let isCurrent = hasher.matches(text, hash)
        let isPrevious = previousHash.map { hasher.matches(text, $0) } ?? false
        let holds = expiresAt.map { now < $0 } ?? true
        return holds && (isCurrent || (isPrevious && overlapUntil.map { now < $0 } ?? false))
    }

    /// Whether a text is the newest secret and not the one before it.
    func isCurrent(_ text: String, _ hasher: KeyHasher) -> Bool { hasher.matches(text, hash) }

    /// Whether it may come from an address; one that is not known is none of a list.
    func isUsable(from address: SocketAddress?) -> Bool {
        addresses.isEmpty || (address.map { address in addresses.contains { $0.contains(address) } } ?? false)
    }

    /// Whether there is a list of addresses to look at.
    var isBoundToAddresses: Bool { !addresses.isEmpty }
}

/// Whether a key was used since somebody looked; lives on from one snapshot to the next.
final class KeyUse: Sendable {
    private let wasUsed = Atomic(false)

    /// Notes a use; a key in steady use is only read here.
    func note() {
        if !wasUsed.load(ordering: .relaxed) { wasUsed.store(true, ordering: .relaxed) }
    }

    /// Whether it was used since the last call.
    func take() -> Bool { wasUsed.exchange(false, ordering: .relaxed) }
}
