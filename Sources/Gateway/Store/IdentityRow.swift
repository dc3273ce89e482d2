import GRDB
import JSON

/// A thing that an administrator keeps, as the store has it; never a secret.
struct IdentityRow: Sendable, Hashable {
    let kind: IdentityKind
    let number: Int
    /// Counts the changes.
    let version: Int
    let values: [String: IdentityValue]

    init(_ kind: IdentityKind, _ row: Row) {
        self.kind = kind
        number = row["number"]
        version = row["version"]
        var values: [String: IdentityValue] = [:]
        for field in kind.fields { values[field.name] = field.value(row[field.name]) }
        self.values = values
    }

    var id: String { values["id"]?.text ?? "" }

    /// The tenant that it belongs to; that is itself for a tenant.
    var tenant: String? { kind == .tenants ? id : values["tenant"]?.text }

    /// Its id is in it, so that no other thing of the same name has it.
    var entityTag: String { "\"\(id)-v\(version)\"" }

    /// All of it as an object, with the key that was made for it.
    func json(with key: String? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            for field in kind.fields { (values[field.name] ?? .none).write(field.name, to: &object) }
            object.memberIfPresent("key", key)
        }
        return writer.bytes
    }
}

extension IdentityField {
    /// What a column holds.
    fileprivate func value(_ column: DatabaseValue) -> IdentityValue {
        switch (form, column.storage) {
        case (.time, .int64(let time)): .time(Int(time))
        case (.number, .int64(let number)): .number(Int(number))
        case (.money, .double(let usd)): .money(Money(usd: usd) ?? .zero)
        case (.money, .int64(let usd)): .money(Money(usd: Double(usd)) ?? .zero)
        case (.list, .string(let text)): .list(IdentityValue.list(of: text))
        case (.list, _): .list([])
        case (_, .string(let text)): .text(text)
        default: .none
        }
    }
}

extension IdentityValue {
    /// Reads a list as it stands in its column.
    static func list(of text: String) -> [String] {
        // What stands there was written by `column`; a list that cannot be read allows nothing, which the empty name does.
        guard let array = try? JSONDocument(text).root.elements.map({ $0 }) else { return [""] }
        return array.compactMap(\.string)
    }

    /// How it stands in its column.
    var column: DatabaseValue {
        switch self {
        case .none: return .null
        case .text(let text): return text.databaseValue
        case .time(let number), .number(let number): return number.databaseValue
        case .money(let amount): return amount.usd.databaseValue
        case .list(let list):
            guard !list.isEmpty else { return .null }
            var writer = JSONWriter()
            writer.array { array in for text in list { array.string(text) } }
            return String(decoding: writer.bytes, as: UTF8.self).databaseValue
        }
    }
}
