/// What a request for captures is narrowed by; every value is bounded (B18).
struct CaptureQuery {
    /// How an export is written.
    enum Format: String, CaseIterable {
        /// A page like any other.
        case json
        /// An object on each line.
        case lines = "jsonl"
    }

    private(set) var filter = CaptureFilter()
    private(set) var limit = 50
    /// The number of the last row of the page before.
    private(set) var after = 0
    private(set) var format = Format.json

    /// Whether it says whose captures are meant.
    var namesSomebody: Bool { filter.tenant != nil || filter.user != nil || filter.key != nil }

    /// Reads a query.
    ///
    /// - Throws: `invalidQuery` for a parameter that is not among `known` or holds what it must not.
    init(_ text: String, known: [String]) throws(AdministrationProblem) {
        for (name, value) in try AdministrationQuery.pairs(text) {
            guard known.contains(name) else { throw AdministrationQuery.wrong(name, "is not known here") }
            switch name {
            case "limit":
                guard value.utf8.allSatisfy(ByteSet.digits.contains), let number = Int(value), number > 0 else {
                    throw AdministrationQuery.wrong(name, "has to be a number above 0")
                }
                limit = min(number, AdministrationQuery.mostRows)
            case "cursor":
                guard let number = Int(value, radix: 36), number > 0, value == AdministrationQuery.cursor(number) else {
                    throw AdministrationQuery.wrong(name, "is none of ours")
                }
                after = number
            case "since": filter.since = try Self.time(name, value)
            case "until": filter.until = try Self.time(name, value)
            case "format":
                guard let format = Format(rawValue: value) else {
                    throw AdministrationQuery.wrong(name, "has to be json or jsonl")
                }
                self.format = format
            case "tenant": filter.tenant = value
            case "user": filter.user = value
            default: filter.key = value
            }
        }
    }

    private static func time(_ name: String, _ value: String) throws(AdministrationProblem) -> Int {
        guard let time = Timestamp.milliseconds(of: value) else {
            throw AdministrationQuery.wrong(name, "has to be a time in UTC, such as 2027-01-31T00:00:00Z")
        }
        return time
    }

    /// Puts ids in the place of names, and the actor's own tenant where it reaches no other.
    ///
    /// - Throws: `notFound` for a tenant that the actor may not see (T1).
    mutating func resolve(
        for actor: AdministrationActor,
        in tables: IdentityTables
    ) throws(AdministrationProblem) {
        if let reference = filter.tenant { filter.tenant = try Self.tenant(reference, actor, tables) }
        if let own = actor.tenant { filter.tenant = own }
        // Whoever is gone from here may have left something behind, and so may somebody who never was a user.
        if let user = filter.user, let found = try tables.find(.users, user, in: filter.tenant) {
            // A token's name may be that of a user, and its captures have the name alone.
            if found.id != user { (filter.user, filter.subject) = (found.id, user) }
        }
    }

    private static func tenant(
        _ reference: String,
        _ actor: AdministrationActor,
        _ tables: IdentityTables
    ) throws(AdministrationProblem) -> String {
        if let row = try tables.find(.tenants, reference, in: nil) {
            try actor.check(.read, row)
            return row.id
        }
        // A tenant that was deleted has no row, and may have left something behind.
        guard actor.role == .operator, reference.utf8.starts(with: IdentityKind.tenants.prefix.utf8) else {
            throw .missing(.tenants, field: "tenant")
        }
        return reference
    }
}
