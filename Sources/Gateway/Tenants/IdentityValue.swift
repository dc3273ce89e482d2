import JSON

/// A value of a field, checked.
enum IdentityValue: Sendable, Hashable {
    case none
    case text(String)
    case list([String])
    /// Milliseconds since 1970.
    case time(Int)
    case number(Int)
    case money(Money)

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var list: [String] { if case .list(let list) = self { list } else { [] } }
    var time: Int? { if case .time(let time) = self { time } else { nil } }

    func write(_ key: String, to object: inout JSONWriter) {
        object.key(key)
        switch self {
        case .none: object.null()
        case .text(let text): object.string(text)
        case .list(let list): object.array { array in for text in list { array.string(text) } }
        case .time(let time): object.string(Timestamp.text(of: time))
        case .number(let number): object.int(number)
        case .money(let amount): object.number(amount.number)
        }
    }
}

extension IdentityField {
    /// Reads a value as it stands in a request's body.
    ///
    /// - Throws: `AdministrationProblem` `invalid_value` that names the field and says what it has to be.
    func read(_ view: JSONView) throws(AdministrationProblem) -> IdentityValue {
        if view.isNull {
            guard !isRequired, initially == nil else { throw wrong("cannot be null") }
            switch form {
            case .list(.scopes): throw wrong("cannot be null")
            case .list: return .list([])
            default: return .none
            }
        }
        switch form {
        case .id: throw wrong("is the gateway's own")
        case .name:
            let text = try text(view)
            guard Self.isName(text) else {
                throw wrong(
                    "has to be one line of 1 to 128 characters without control characters and spaces at its ends"
                )
            }
            return .text(text)
        case .reference: return .text(try text(view))
        case .choice(let words):
            let text = try text(view)
            guard words.contains(where: { $0 == text }) else {
                throw wrong("has to be \(words.joined(separator: ", "))")
            }
            return .text(text)
        case .time:
            guard let time = Timestamp.milliseconds(of: try text(view)) else {
                throw wrong("has to be a time in UTC, such as 2027-01-31T00:00:00Z")
            }
            return .time(time)
        case .number(let bounds):
            guard let number = view.wholeNumber, bounds.contains(number) else {
                throw wrong("has to be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
            }
            return .number(number)
        case .money(let most):
            guard let usd = view.double, (0...Double(most)).contains(usd), let amount = Money(usd: usd) else {
                throw wrong("has to be a number of USD from 0 to \(most)")
            }
            return .money(amount)
        case .zone:
            let name = try text(view)
            guard ZoneDatabase.machine.rules(of: name) != nil else {
                throw wrong("has to be a zone of the time zone database, such as Europe/Berlin or UTC")
            }
            return .text(name)
        case .list(let form): return .list(try list(view, form))
        }
    }

    private func list(_ view: JSONView, _ form: ListForm) throws(AdministrationProblem) -> [String] {
        guard view.kind == .array else { throw wrong("has to be a list of texts") }
        var texts: [String] = []
        for element in view.elements {
            guard texts.count < Self.mostEntries else { throw wrong("has more than \(Self.mostEntries) entries") }
            let text = try text(element)
            switch form {
            case .scopes where KeyScope(rawValue: text) == nil:
                throw wrong("has to hold of \(KeyScope.allCases.map(\.rawValue).joined(separator: ", ")) alone")
            case .patterns where !Self.isName(text):
                throw wrong("holds a pattern that is empty, too long or no single line")
            case .tags where !Self.isName(text):
                throw wrong("holds a tag that is empty, too long or no single line")
            case .addresses where AddressRange(text) == nil:
                throw wrong("holds what is no address and no range such as 10.0.0.0/8")
            default: texts.append(text)
            }
        }
        guard !isRequired || !texts.isEmpty else { throw wrong("has to hold something") }
        guard form != .scopes || !texts.isEmpty else { throw wrong("has to hold something") }
        return texts
    }

    private func text(_ view: JSONView) throws(AdministrationProblem) -> String {
        guard let text = view.string else { throw wrong("has to be text") }
        return text
    }

    func wrong(_ how: String) -> AdministrationProblem {
        AdministrationProblem(.invalidValue, "\(name) \(how).", field: name)
    }

    /// Whether a text is one line that can be told from others when it is read: no control characters, no space at an end.
    static func isName(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return (1...longestName).contains(scalars.count) && scalars.first != " " && scalars.last != " "
            && scalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
