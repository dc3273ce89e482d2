import JSON

/// What the things that an administrator keeps look like, derived of what they consist of.
extension IdentityKind {
    /// One of them, as it is shown.
    var shown: NamedSchema { NamedSchema(typeName, .object(shownMembers)) }

    /// One of them, as it is asked for.
    var creation: NamedSchema { NamedSchema(typeName + "Creation", creationSchema) }

    /// What of it can be changed.
    var change: NamedSchema {
        let members = fields.filter { $0.use == .changeable }
            .map { Schema.Member($0.name, $0.given, isRequired: false) }
        return NamedSchema(typeName + "Change", .object(members))
    }

    /// A page of a list.
    var page: NamedSchema { NamedSchema(typeName + "Page", Self.page(of: shown.reference)) }

    /// A key with the text that opens something, which is shown once.
    static let keyWithText = NamedSchema(
        "NewKey",
        .object(
            IdentityKind.keys.shownMembers + [
                Schema.Member(
                    "key",
                    .text(pattern: "^sk-torii-[a-z0-9]{12}-[A-Za-z0-9]{40}$")
                        .meaning("What the holder sends. Shown now and never again; not in a replayed reply."),
                    isRequired: false
                )
            ]
        )
    )

    static func page(of row: Schema, more: [Schema.Member] = []) -> Schema {
        .object(
            [
                Schema.Member("data", .list(of: row, 0...AdministrationQuery.mostRows)),
                Schema.Member("next", Schema.cursor.orNull.meaning("The cursor of the next page; null at the end.")),
            ] + more
        )
    }

    /// `Tenant`, `Policy`.
    var typeName: String { noun.prefix(1).uppercased() + noun.dropFirst() }

    fileprivate var shownMembers: [Schema.Member] { fields.map { Schema.Member($0.name, $0.shown(of: self)) } }

    private var creationSchema: Schema {
        guard self == .keys else {
            return .object(creationMembers { $0.name == "tenant" && mayOmitTenant ? .ownTenant : $0.given })
        }
        // What a key's members say together: an operator's belongs to no tenant, a viewer's asks no models.
        func shape(_ roles: [Role], requires names: [String], _ change: (String) -> Schema?) -> Schema {
            .object(
                creationMembers(isRequired: { $0.isRequired || names.contains($0.name) }) { field in
                    field.name == "role" ? .choice(roles.map(\.rawValue)) : change(field.name) ?? field.given
                }
            )
        }
        let viewer = Schema.list(of: .choice([KeyScope.admin.rawValue]), 1...IdentityField.mostEntries)
        return .any(of: [
            shape([.operator], requires: ["role"]) { ["tenant", "user"].contains($0) ? .null : nil },
            shape([.member, .tenantAdmin], requires: []) { $0 == "tenant" ? .ownTenant : nil },
            shape([.viewer], requires: ["role"]) { $0 == "tenant" ? .ownTenant : $0 == "scopes" ? viewer : nil },
        ])
    }

    private func creationMembers(
        isRequired: (IdentityField) -> Bool = { $0.isRequired },
        _ schema: (IdentityField) -> Schema
    ) -> [Schema.Member] {
        fields.filter { $0.use != .derived }.map { field in
            let isRequired = isRequired(field) && !(field.name == "tenant" && mayOmitTenant)
            return Schema.Member(field.name, schema(field), isRequired: isRequired)
        }
    }

    /// Whether somebody creates them whose key says which tenant is meant.
    private var mayOmitTenant: Bool { Access.of(.tenantAdmin, to: .create, self) == .tenant }
}

extension IdentityField {
    /// The member as it is shown.
    func shown(of kind: IdentityKind) -> Schema {
        let schema: Schema =
            switch form {
            case .id: .id(of: kind)
            case .name: .line
            case .choice(let words): .choice(words)
            case .reference(let other): .id(of: other)
            case .list(let form): .list(of: form.element, 0...Self.mostEntries)
            case .time: .time
            case .number(let bounds): .integer(bounds)
            case .money(let most): .amount(upTo: most)
            case .zone: .zone
            }
        return isAlwaysThere ? schema : schema.orNull
    }

    /// The member as it is given.
    var given: Schema {
        let least = isRequired || form == .list(.scopes) ? 1 : 0
        let schema: Schema =
            switch form {
            case .id: .null
            case .name: .line
            case .choice(let words): .choice(words)
            case .reference: .reference
            case .list(let form): .list(of: form.element, least...Self.mostEntries)
            case .time: .givenTime
            case .number(let bounds): .integer(bounds)
            case .money(let most): .amount(upTo: most)
            case .zone: .zone
            }
        let usual = initially.map { schema.initially(.string($0)) } ?? usualJSON.map { schema.initially($0) } ?? schema
        return isRequired || initially != nil || form == .list(.scopes) ? usual : usual.orNull
    }

    private var usualJSON: JSONValue? {
        switch usual {
        case .money(let amount): .number(amount.number)
        case .number(let number): .number(JSONNumber(number))
        default: nil
        }
    }

    private var isAlwaysThere: Bool {
        switch form {
        case .id, .list: true
        case .time: self == .createdAt
        default: isRequired || initially != nil
        }
    }
}

extension IdentityField.ListForm {
    fileprivate var element: Schema {
        switch self {
        case .scopes: .choice(KeyScope.allCases.map(\.rawValue))
        case .patterns, .tags: .line
        case .addresses:
            .text(1...49, format: "ip-range")
                .meaning("An address, or a range such as 10.0.0.0/8 whose other bits are 0.")
        }
    }
}

extension Schema {
    /// One line that a person may have written.
    static let line = Schema.text(
        1...IdentityField.longestName,
        pattern: #"^[^\u0000-\u0020\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f]*[^\u0000-\u0020\u007f-\u009f])?$"#
    )

    /// The id of another thing, or its name where that finds it.
    static let reference = Schema.text(1...512).meaning("An id; of tenants, teams and users also the name.")

    static let ownTenant = Schema.text(1...512)
        .meaning("Its id or its name. Without it that of the key that asks; a key that has none has to say it.")
    /// An amount of USD.
    static func amount(upTo most: Int) -> Schema { .number(from: 0, to: most).meaning("In USD.") }

    static let zone = Schema.text(1...64, pattern: #"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$"#)
        .meaning("A zone of the time zone database, such as Europe/Berlin.")

    static let time = Schema.text(
        pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        format: "date-time"
    )

    static let givenTime = Schema.text(format: "date-time").meaning("In UTC, to the second: it ends with Z.")

    static let cursor = Schema.text(1...12, pattern: "^[1-9a-z][0-9a-z]{0,11}$")

    static func id(of kind: IdentityKind) -> Schema {
        .text(pattern: "^\(kind.prefix)[a-z0-9]{\(KeyText.idLength)}$")
    }
}
