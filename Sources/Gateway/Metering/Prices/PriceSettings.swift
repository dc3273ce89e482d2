/// What the configuration says of prices, beside what it says of models.
package struct PriceSettings: Sendable, Hashable {
    /// What a model costs of which nobody says so.
    package enum Unknown: Sendable, Hashable {
        /// It is not served.
        case refuse
        /// It is served for nothing.
        case free
        /// It costs that much.
        case standard(Price)
    }

    /// In their order; of two that say the same the first one counts.
    package var entries: [PriceEntry]
    /// Nil refuses those alone whose budgets would have to bear it, and marks the requests of all others as unpriced.
    package var unknown: Unknown?

    package init(entries: [PriceEntry] = [], unknown: Unknown? = nil) {
        self.entries = entries
        self.unknown = unknown
    }
}

/// What is to be done about the price of a request.
package enum PriceAnswer: Sendable, Hashable {
    /// It is billed at this price, which may be nothing.
    case priced(Price)
    /// Nobody says what it costs, and no budget has to bear it: it is served, costs nothing, and is marked as unpriced.
    case unpriced
    /// Nobody says what it costs, and so it is not served: see `PriceTable.refusal`.
    case refused

    /// What it is billed at; nil where nothing is to be billed.
    package var price: Price? { if case .priced(let price) = self { price } else { nil } }
}

/// The prices that an administrator has set by the administration's API; they go before all others.
///
/// Part of one snapshot of the store. Two snapshots with the same prices share one object, by which what was found of them is
/// known to hold still.
package final class PriceOverrides: Sendable {
    package static let none = PriceOverrides([])

    let entries: [PriceEntry]
    let list: PriceList

    /// Of two that say the same the first one counts.
    package init(_ entries: [PriceEntry]) {
        self.entries = entries
        list = PriceList(entries)
    }
}
