/// The things that an administrator keeps; each is a table of the store and a path of the administration.
package enum IdentityKind: String, Sendable, Hashable, CaseIterable {
    case tenants, teams, users, keys, policies, prices

    /// One of them, as messages name it.
    package var noun: String {
        switch self {
        case .tenants: "tenant"
        case .teams: "team"
        case .users: "user"
        case .keys: "key"
        case .policies: "policy"
        case .prices: "price"
        }
    }

    /// What an id of this kind begins with.
    var prefix: String {
        switch self {
        case .tenants: "ten_"
        case .teams: "team_"
        case .users: "user_"
        case .keys: ""
        case .policies: "pol_"
        case .prices: "price_"
        }
    }

    /// What one of them consists of, in the order in which it is shown; `docs/tenants.md` has the same as tables.
    package var fields: [IdentityField] { Self.table[self] ?? [] }

    /// Made once: every row that is read goes by it.
    private static let table = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.ownFields) })

    private var ownFields: [IdentityField] {
        switch self {
        case .tenants:
            IdentityField.limited(
                [
                    .id, IdentityField("name", .name, .changeable, isRequired: true),
                    IdentityField("status", .choice(["active", "suspended"]), .changeable, initially: "active"),
                    IdentityField("preference", .choice(RoutePreference.allCases.map(\.rawValue)), .changeable),
                    IdentityField("time_zone", .zone, .changeable, initially: ZoneRules.utc.name),
                    IdentityField("capture", .choice(TenantContent.choices), .changeable, initially: "off"),
                    IdentityField("capture_days", .number(TenantContent.daysBounds), .changeable),
                    IdentityField("mask_upstream", .choice(TenantContent.choices), .changeable, initially: "off"),
                ],
                usual: BudgetLimits(
                    dailyCost: BudgetLimits.usualDailyCost,
                    monthlyCost: BudgetLimits.usualMonthlyCost
                )
            )
        case .teams:
            IdentityField.limited(
                [
                    .id, .tenant(isRequired: true), IdentityField("name", .name, .changeable, isRequired: true),
                    IdentityField("models", .list(.patterns), .changeable),
                ]
            )
        case .users:
            IdentityField.limited(
                [
                    .id, .tenant(isRequired: true), IdentityField("team", .reference(.teams), .changeable),
                    IdentityField("name", .name, .changeable, isRequired: true),
                    IdentityField("models", .list(.patterns), .changeable),
                ]
            )
        case .keys:
            IdentityField.limited(
                [
                    .id, .tenant(isRequired: false), IdentityField("user", .reference(.users), .given),
                    IdentityField("label", .name, .changeable, isRequired: true),
                    IdentityField(
                        "role",
                        .choice(Role.allCases.map(\.rawValue)),
                        .given,
                        initially: Role.member.rawValue
                    ),
                    IdentityField("scopes", .list(.scopes), .given),
                    IdentityField("models", .list(.patterns), .changeable),
                    IdentityField("addresses", .list(.addresses), .changeable),
                ],
                [
                    IdentityField("expires_at", .time, .changeable), IdentityField("revoked_at", .time, .derived),
                    IdentityField("overlap_until", .time, .derived), IdentityField("last_used_at", .time, .derived),
                ]
            )
        case .policies:
            [
                .id, .tenant(isRequired: true), IdentityField("team", .reference(.teams), .given),
                IdentityField("label", .name, .changeable, isRequired: true),
                IdentityField("models", .list(.patterns), .changeable, isRequired: true), .createdAt,
            ]
        case .prices: [IdentityField.id] + IdentityField.prices + [IdentityField.createdAt]
        }
    }

    func field(_ name: String) -> IdentityField? { fields.first { $0.name == name } }

    /// The member by which people find one.
    package var label: String { self == .prices ? "model" : field("name") == nil ? "label" : "name" }

    /// Whether one of them belongs to a tenant, or is one; others are the installation's.
    var belongsToTenant: Bool { self == .tenants || field("tenant") != nil }
}

/// One member of a thing that an administrator keeps.
package struct IdentityField: Sendable, Hashable {
    /// What a value may be.
    package enum Form: Sendable, Hashable {
        case id
        /// A text of one line, 1 to 128 characters.
        case name
        case choice([String])
        /// The id of another thing; where one is given, its name does as well.
        case reference(IdentityKind)
        case list(ListForm)
        /// Milliseconds since 1970 in the store, RFC 3339 outside of it.
        case time
        case number(ClosedRange<Int>)
        /// An amount of USD from nothing to so many, with a fraction.
        case money(Int)
        /// The name of a zone that the time zone database has.
        case zone
    }

    package enum ListForm: Sendable, Hashable {
        case scopes
        case patterns
        case addresses
        case tags
    }

    /// Who says what the value is, and when.
    package enum Use: String, Sendable, Hashable {
        /// The gateway alone.
        case derived
        /// Whoever creates the thing, once.
        case given
        /// The same, and it can be changed later.
        case changeable
    }

    package let name: String
    package let form: Form
    package let use: Use
    package let isRequired: Bool
    /// What it is where nobody says.
    package let initially: String?
    /// The same of a field that null empties.
    let usual: IdentityValue?

    init(
        _ name: String,
        _ form: Form,
        _ use: Use,
        isRequired: Bool = false,
        initially: String? = nil,
        usual: IdentityValue? = nil
    ) {
        self.name = name
        self.form = form
        self.use = use
        self.isRequired = isRequired
        self.initially = initially
        self.usual = usual
    }

    /// Unicode code points of a name, and of a pattern.
    static let longestName = 128
    /// Of a list.
    static let mostEntries = 256

    static let id = IdentityField("id", .id, .derived)
    static let createdAt = IdentityField("created_at", .time, .derived)

    /// What bounds whoever has them: every number of `LimitSet`, and where providers have to be.
    private static let limits =
        LimitSet.Member.allCases.map { IdentityField($0.rawValue, .number(LimitSet.bounds), .changeable) }
        + [IdentityField("regions", .list(.tags), .changeable)]

    /// What a price consists of.
    static let prices: [IdentityField] =
        [
            IdentityField("provider", .name, .given), IdentityField("model", .name, .given, isRequired: true),
            IdentityField("from", .time, .changeable),
        ]
        + [
            "input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning", "image", "request",
        ]
        .map { name in
            let isRequired = ["input", "output"].contains(name)
            return IdentityField(name, .money(Price.mostUSD), .changeable, isRequired: isRequired)
        }
    /// What somebody may spend; `usual` is what counts where nobody says.
    private static func budgets(_ usual: BudgetLimits) -> [IdentityField] {
        BudgetLimits.Member.allCases.map { member in
            let amount = usual[member]
            switch member.unit {
            case .cost:
                return IdentityField(
                    member.rawValue,
                    .money(BudgetLimits.mostUSD),
                    .changeable,
                    usual: amount.map { .money(Money(nanos: $0)) }
                )
            case .tokens:
                let form = Form.number(BudgetLimits.tokenBounds)
                return IdentityField(member.rawValue, form, .changeable, usual: amount.map { .number($0) })
            }
        }
    }

    /// The fields of somebody who can be bounded.
    static func limited(
        _ first: [IdentityField],
        _ last: [IdentityField] = [],
        usual: BudgetLimits = .none
    ) -> [IdentityField] {
        first + limits + budgets(usual) + last + [createdAt]
    }

    static func tenant(isRequired: Bool) -> IdentityField {
        IdentityField("tenant", .reference(.tenants), .given, isRequired: isRequired)
    }
}
