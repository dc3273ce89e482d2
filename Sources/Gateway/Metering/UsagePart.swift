extension UsageRecord {
    /// What of a request a record is about.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        /// The request, with the attempt that answered.
        case request
        /// The copy for a rule's shadow.
        case shadow
        /// The one of two attempts beside each other that was given up.
        case hedge

        /// Its number in the journal and in the ledger, which never changes.
        var number: UInt8 {
            switch self {
            case .request: 0
            case .shadow: 1
            case .hedge: 2
            }
        }

        /// The part of a number; nil where there is none.
        init?(number: UInt8) {
            guard let part = Self.allCases.first(where: { $0.number == number }) else { return nil }
            self = part
        }
    }
}
