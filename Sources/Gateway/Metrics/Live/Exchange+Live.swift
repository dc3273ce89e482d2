/// What is told of a request to whoever watches.
extension Exchange {
    /// Adds what it came to to the counts of its loop.
    func noteLive(_ used: TokenAmounts) {
        loop.live.note(record, of: liveTenant, used: used) { liveName(of: $0) }
    }

    /// Where it counts while it runs, as far as that is known by now.
    func livePlace(in table: inout LiveTable) -> Int {
        table.place(of: LiveSubject(record, of: liveTenant)) { liveName(of: $0) }
    }

    private var liveTenant: String {
        guard isAdmitted, identity.principal == nil else { return record.tenant ?? "" }
        return IdentitySnapshot.implicitTenant
    }

    private func liveName(of model: String) -> String {
        snapshot.directory.knownNames.name(of: model, loop.identities.prices)
    }
}
