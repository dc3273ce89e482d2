/// What is masked: kinds of data that are known, and patterns of the operator's own.
///
/// Made once for a configuration; a copy shares the tables.
package struct MaskRules: Sendable {
    /// What is looked for, the most certain first: of two that begin at one place the first one counts.
    let detectors: [MaskDetector]
    /// For each byte the detectors that may begin with it, a bit for each.
    let starts: [UInt64]
    /// For each byte the detectors that may begin behind it.
    let follows: [UInt64]

    /// As many patterns of an operator's own as there may be.
    package static let mostPatterns = 32

    /// No two of the patterns have one name, and there are `mostPatterns` of them at most.
    package init(kinds: Set<MaskKind> = Set(MaskKind.allCases), patterns: [MaskPattern] = []) {
        precondition(patterns.count <= Self.mostPatterns, "there are more patterns than there may be")
        let labels = kinds.map(\.label) + patterns.map(\.label) + [MaskKind.literalLabel]
        var detectors = [MaskDetector.literal(of: Set(labels))]
        if kinds.contains(.secret) { detectors += [.privateKey, .bearer, .jwt, .keys] }
        detectors += patterns.map { pattern in
            MaskDetector(first: pattern.first, notBehind: pattern.notBehind) { pattern.find(&$0) }
        }
        if kinds.contains(.iban) { detectors.append(.iban) }
        if kinds.contains(.nationalID) { detectors += [.nino, .nie] }
        if kinds.contains(.email) { detectors.append(.email) }
        if kinds.contains(.card) || kinds.contains(.nationalID) { detectors.append(.numbers(kinds)) }
        if kinds.contains(.phone) { detectors.append(.phone) }
        self.detectors = detectors
        starts = Self.table(detectors) { $0.first.contains($1) }
        follows = Self.table(detectors) { !$0.notBehind.contains($1) }
    }

    /// Whether nothing is looked for at all.
    package var isEmpty: Bool { detectors.count == 1 }

    private static func table(
        _ detectors: [MaskDetector],
        _ holds: (MaskDetector, UInt8) -> Bool
    ) -> [UInt64] {
        (UInt8.min...UInt8.max).map { byte in
            detectors.enumerated().reduce(0) { holds($1.element, byte) ? $0 | 1 << UInt64($1.offset) : $0 }
        }
    }
}
