/// What one request has set aside of all budgets that bound it: of all of them or of none.
///
/// It is ended once, by `settle` or `refund`. One that is dropped gives everything back, and in a debug build ends the process,
/// because somebody has forgotten it. A class keeps it as an optional, and ends what `take()` gives.
struct BudgetReservation: ~Copyable {
    private let scopes: [BudgetScope]
    /// What is set aside now.
    private(set) var amount: BudgetAmount
    private var isOpen = true

    /// Sets an amount aside.
    ///
    /// `scopes` stand from the widest to the narrowest, each level once. Times are in milliseconds since 1970.
    ///
    /// - Throws: the first budget that does not allow it; then nothing was set aside anywhere.
    init(_ scopes: [BudgetScope], _ amount: BudgetAmount, at milliseconds: Int) throws(BudgetSpent) {
        try self.init(scopes, least: amount, at: milliseconds) { _ in amount }
    }

    /// Sets aside as much as there is use for: at least an amount, and more where `choose` says so of what is left.
    ///
    /// Nobody else takes any of it in between; `choose` is called under the accounts' locks, so that it may only count. What
    /// it says beyond what is left counts as the least.
    ///
    /// - Throws: the first budget that does not allow the least.
    init(
        _ scopes: [BudgetScope],
        least: BudgetAmount,
        at milliseconds: Int,
        choose: (_ left: BudgetAmount) -> BudgetAmount
    ) throws(BudgetSpent) {
        assert(Self.areOrdered(scopes), "budgets are locked in one order, from the widest to the narrowest")
        amount = try Self.take(scopes[...], .unbounded, least.bounded, milliseconds, choose).get()
        self.scopes = scopes
    }

    deinit {
        guard isOpen else { return }
        for scope in scopes { scope.account.refund(amount) }
        assertionFailure("a budget reservation was neither settled nor refunded")
    }

    /// Sets more aside for a request that outgrows what it has.
    ///
    /// - Throws: the first budget that does not allow it; then all stays as it was.
    mutating func extend(by more: BudgetAmount, at milliseconds: Int) throws(BudgetSpent) {
        let more = more.bounded
        amount += try Self.take(scopes[...], .unbounded, more, milliseconds, { _ in more }).get()
    }

    /// The request is over: what it used counts, on the day that it is now, in the place of what was set aside.
    consuming func settle(used: BudgetAmount, at milliseconds: Int) {
        isOpen = false
        for scope in scopes { scope.settle(amount, used: used.bounded, at: milliseconds) }
    }

    /// The request came to nothing: nothing counts.
    consuming func refund() {
        isOpen = false
        for scope in scopes { scope.account.refund(amount) }
    }

    /// Takes of all scopes at once: each is held until the narrower ones have said whether they allow it.
    private static func take(
        _ scopes: ArraySlice<BudgetScope>,
        _ left: BudgetAmount,
        _ least: BudgetAmount,
        _ milliseconds: Int,
        _ choose: (BudgetAmount) -> BudgetAmount
    ) -> Result<BudgetAmount, BudgetSpent> {
        guard let scope = scopes.first else {
            let chosen = choose(left).bounded
            return .success(chosen.fits(left) && least.fits(chosen) ? chosen : least)
        }
        return scope.account.withCount(on: scope.calendar.day(at: milliseconds)) { count in
            if let member = count.obstacle(to: least, scope.limits) {
                return .failure(BudgetSpent(scope, member, wanted: least, at: milliseconds))
            }
            let left = left.least(count.left(scope.limits))
            let taken = take(scopes.dropFirst(), left, least, milliseconds, choose)
            if case .success(let amount) = taken { count.reserve(amount) }
            return taken
        }
    }

    private static func areOrdered(_ scopes: [BudgetScope]) -> Bool {
        let places = scopes.compactMap { LimitLevel.allCases.firstIndex(of: $0.level) }
        return zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
    }
}
