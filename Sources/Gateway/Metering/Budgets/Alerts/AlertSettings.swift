package import Providers

/// Where somebody is told that a budget comes to its end.
package struct AlertSettings: Sendable, Hashable {
    /// Takes a `POST`; `https`, or on this machine `http`.
    package var address: KeyAddress
    /// What alerts are signed with.
    package var secret: Secret
    /// A PEM file with the only roots that are trusted; nil means the system's.
    package var caFile: String?
    /// Percent of a budget, ascending.
    package let thresholds: [Int]

    package init(address: KeyAddress, secret: Secret, caFile: String? = nil, thresholds: [Int] = usualThresholds) {
        self.address = address
        self.secret = secret
        self.caFile = caFile
        self.thresholds = Set(thresholds.filter(Self.bounds.contains)).sorted()
    }

    package static let usualThresholds = [50, 80, 100]
    /// What a threshold may be.
    package static let bounds = 1...100
}
