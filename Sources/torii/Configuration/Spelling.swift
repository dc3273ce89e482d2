/// Finds what a person may have meant.
enum Spelling {
    /// The number of letters to insert, remove, replace or swap with their neighbour to get from one text to the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().unicodeScalars)
        let right = Array(right.lowercased().unicodeScalars)
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var older: [Int] = []
        var old = Array(0...right.count)
        for row in 1...left.count {
            var new = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var best = min(old[column] + 1, new[column - 1] + 1, old[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, older[column - 2] + 1)
                }
                new.append(best)
            }
            (older, old) = (old, new)
        }
        return old[right.count]
    }

    /// The candidate that is close enough to be meant: at most a third of its letters differ, two at the most.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        candidates
            .map { (name: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= min(2, max(1, $0.name.count / 3)) }
            .min { $0.distance < $1.distance }?
            .name
    }
}
