/// What is shown, and how; keys and reports change it.
struct TopModel: Sendable, Hashable {
    /// What follows from a key.
    enum Action: Sendable, Hashable {
        case stay, quit, interrupt
    }

    var group = TopGroup.model
    var sort = TopColumn.requests
    var isReversed = false
    var filter = ""
    /// Whether what is typed goes into the filter.
    private(set) var isTyping = false
    private(set) var isPaused = false
    private(set) var rates = TopRates()
    /// Why there is nothing newer; nil where there is.
    private(set) var problem: String?

    private static let longestFilter = 64

    /// Takes what happened lately, unless what is shown is to stay.
    mutating func take(_ rates: TopRates) {
        problem = nil
        if !isPaused { self.rates = rates }
    }

    /// The gateway does not answer just now; what was known of it stays.
    mutating func note(_ problem: String) { self.problem = problem }

    mutating func press(_ key: TopKey) -> Action {
        if key == .interrupt { return .interrupt }
        if isTyping {
            edit(key)
            return .stay
        }
        switch key {
        case .character("q"): return .quit
        case .character("s"): sort = sort.next
        case .character("r"): isReversed.toggle()
        case .character("f"): isTyping = true
        case .character("p"): group = .provider
        case .character("m"): group = .model
        case .character("t"): group = .tenant
        case .character(" "): isPaused.toggle()
        case .escape: filter = ""
        default: break
        }
        return .stay
    }

    /// Enter ends the text, escape forgets it.
    private mutating func edit(_ key: TopKey) {
        switch key {
        case .character(let character): if filter.count < Self.longestFilter { filter.append(character) }
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .enter: isTyping = false
        case .escape: (filter, isTyping) = ("", false)
        case .interrupt: break
        }
    }

    /// The rows as they are to be seen.
    var table: TopTable { TopTable(rates, by: group, filter: filter, sort: sort, isReversed: isReversed) }
}
