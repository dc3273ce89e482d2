/// Tells which call a tool's result answers, where neither has to have an id.
///
/// A result belongs to the oldest open call of its tool in the last turn, or to the oldest one if it names no tool. A
/// call without an id gets its number in the conversation, so that it keeps its id however the conversation goes on.
struct CallPairing {
    private var ids: [String] = []
    private var isAnswered: [Bool] = []
    /// Places of a tool's calls, the oldest first, and how many of them were passed.
    private var byName: [String: (places: [Int], passed: Int)] = [:]
    private var byID: [String: Int] = [:]
    /// No call before this one is open.
    private var oldest = 0
    private var made = 0

    /// Forgets the calls of the turn before.
    mutating func beginTurn() {
        (ids, isAnswered, byName, byID, oldest) = ([], [], [:], [:], 0)
    }

    /// Notes a call and returns its id, which is made if there is none.
    mutating func open(_ given: String?, name: String) -> String {
        let number = made
        made += 1
        let id = given.flatMap { $0.isEmpty ? nil : $0 } ?? "call_torii_\(number)"
        byName[name, default: ([], 0)].places.append(ids.count)
        byID[id] = ids.count
        ids.append(id)
        isAnswered.append(false)
        return id
    }

    /// Notes a result and returns the id of its call; nil if it can be none's.
    mutating func answer(_ given: String?, name: String?) -> String? {
        if let given, !given.isEmpty {
            if let place = byID[given] { isAnswered[place] = true }
            return given
        }
        if let name, !name.isEmpty {
            return takeOldest(of: name)
        }
        while oldest < ids.count, isAnswered[oldest] { oldest += 1 }
        return oldest < ids.count ? take(oldest) : nil
    }

    private mutating func takeOldest(of name: String) -> String? {
        guard let (places, passed) = byName[name] else { return nil }
        for index in passed..<places.count where !isAnswered[places[index]] {
            byName[name]?.passed = index + 1
            return take(places[index])
        }
        byName[name]?.passed = places.count
        return nil
    }

    private mutating func take(_ place: Int) -> String {
        isAnswered[place] = true
        return ids[place]
    }
}
