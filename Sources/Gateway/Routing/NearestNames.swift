/// Finds the names that somebody may have meant.
enum NearestNames {
    /// Up to three names with the smallest edit distance to `name`, nearest first; names that share nothing are left out.
    static func of(_ name: String, among names: some Sequence<String>) -> [String] {
        let wanted = Array(name.lowercased().utf8.prefix(longest))
        return names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8.prefix(longest)))) }
            .filter { $0.distance <= max(2, wanted.count / 2) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .prefix(3)
            .map(\.name)
    }

    /// Names are cut here, so that a hostile one costs no more than a long one.
    private static let longest = 96

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(min(above, row[j]) + 1, diagonal + (a == b ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
