/// What one request has taken of all limits that bound it; it is ended once, whichever way the request went.
///
/// Either all of them let it through or nothing was taken of any.
struct Admission {
    /// The key's, the user's, the team's, the tenant's and the installation's, as far as they have limits.
    let scopes: [LimitScope]
    private let clock: AdmissionClock
    /// The model's, from the second gate on.
    private var models: [LimitScope] = []
    /// What is set aside; nil before the second gate.
    private(set) var reserved: TokenAmounts?

    /// The first gate, before the body: a place and a request of each.
    ///
    /// `scopes` begin with the widest. They are asked from the narrowest on, so that whoever is over his own limits takes
    /// nothing of what others share, not even for a moment.
    ///
    /// - Throws: the first limit that stands against it.
    init(_ scopes: [LimitScope], _ clock: AdmissionClock) throws(LimitReached) {
        let scopes = Array(scopes.reversed())
        try Self.enter(scopes, clock)
        self.scopes = scopes
        self.clock = clock
    }

    /// The second gate, after decoding: a place and a request of the model, and tokens of all.
    ///
    /// - Throws: the first limit that stands against it; what the first gate took stays taken.
    mutating func reserve(_ amounts: TokenAmounts, of models: [LimitScope]) throws(LimitReached) {
        precondition(reserved == nil, "tokens are set aside once")
        let start = clock.now()
        try Self.enter(models, clock)
        let all = scopes + models
        for (place, scope) in all.enumerated() {
            guard let reached = scope.reserve(amounts, at: start, clock) else { continue }
            for earlier in all[..<place] { earlier.settle(amounts, used: TokenAmounts(), at: start, clock) }
            let now = clock.now()
            for model in models { model.undoEnter(takenAt: start, at: now) }
            throw reached
        }
        self.models = models
        reserved = amounts
    }

    /// The prompt is longer than it seemed: what it continues has been found.
    mutating func reserveMore(_ tokens: Int) {
        guard tokens > 0, let amounts = reserved else { return }
        for scope in scopes { scope.reserveMore(tokens, after: amounts) }
        for scope in models { scope.reserveMore(tokens, after: amounts) }
        reserved?.input += tokens
    }

    /// The request is over: its places are free, and tokens count as they were used.
    consuming func settle(used: TokenAmounts) {
        let now = clock.now()
        for scope in scopes { end(scope, used, now) }
        for scope in models { end(scope, used, now) }
    }

    private func end(_ scope: LimitScope, _ used: TokenAmounts, _ now: Int) {
        if let reserved { scope.settle(reserved, used: used, at: now, clock) }
        scope.places.giveBack()
    }

    /// Whether anybody counts tokens.
    func countsTokens(with models: [LimitScope]) -> Bool {
        scopes.contains { $0.limits.countsTokens } || models.contains { $0.limits.countsTokens }
    }

    private static func enter(_ scopes: [LimitScope], _ clock: AdmissionClock) throws(LimitReached) {
        let start = clock.now()
        for (place, scope) in scopes.enumerated() {
            guard let reached = scope.enter(at: start) else { continue }
            let now = clock.now()
            for earlier in scopes[..<place] { earlier.undoEnter(takenAt: start, at: now) }
            throw reached
        }
    }
}
