package import Inference
import JSON
import Providers

/// A request of which somebody wants to know where it would go; what nobody says is as if nobody knew it.
package struct RouteQuestion: Sendable {
    package var model: String
    package var dialect = Dialect.chat
    package var headers: [(name: String, value: String)] = []
    package var tenant: String?
    package var role: String?
    package var keyLabel: String?
    /// Seconds since 1970; nil for now.
    package var time: Int?
    package var tokens = 0
    /// Of the answer; nil where nobody says.
    package var outputTokens: Int?
    package var hasTools = false
    package var hasImages = false
    package var preference: RoutePreference?
    /// USD of this month.
    package var spend: Double?
    /// A share of the budget that is used up most; 1 is all of it.
    package var budgetUsed: Double?
    package var session: String?

    package init(model: String) { self.model = model }

    /// What routing is told; `usually` is what callers prefer who do not say.
    package func query(usually: RoutePreference?, now: Int) -> RouteQuery {
        let fields = Fields(headers.map { ($0.name, $0.value) })
        let word = fields.first("x-torii-prefer").flatMap { RoutePreference(rawValue: $0.lowercased()) }
        var query = RouteQuery(
            model: model,
            dialect: dialect,
            fields: fields,
            provider: fields.first("x-provider"),
            tenant: tenant,
            role: role,
            keyLabel: keyLabel,
            time: time ?? now,
            tokens: tokens,
            countsTokens: true,
            hasTools: hasTools,
            hasImages: hasImages,
            preference: word ?? preference ?? usually,
            session: session.map { RouteHash.of($0.utf8) }
        )
        query.output = outputTokens ?? query.output
        (query.spend, query.budgetUsed) = (spend, budgetUsed)
        query.maxCost = fields.first(RouteQuery.maxCostField).flatMap { RouteQuery.maxCost($0) }
        return query
    }

    /// The question as the administration takes it.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("model", model)
            object.member("dialect", dialect.rawValue)
            if !headers.isEmpty {
                object.key("headers")
                object.object { member in for header in headers { member.member(header.name, header.value) } }
            }
            object.memberIfPresent("tenant", tenant)
            object.memberIfPresent("role", role)
            object.memberIfPresent("key_label", keyLabel)
            object.memberIfPresent("at", time.map { Timestamp.text(of: $0 * 1_000) })
            object.member("tokens", tokens)
            object.memberIfPresent("output_tokens", outputTokens)
            object.member("tools", hasTools)
            object.member("images", hasImages)
            object.memberIfPresent("prefer", preference?.rawValue)
            object.memberIfPresent("spend", spend)
            object.memberIfPresent("budget_used", budgetUsed)
            object.memberIfPresent("session", session)
        }
        return writer.bytes
    }
}

extension RouteQuestion {
    /// A text that names something.
    static let name = Schema.text(1...512)
    static let fieldPattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
    static let valuePattern = #"^[^\u0000-\u0008\u000a-\u001f\u007f]*$"#

    /// Reads a question as the body of a request.
    ///
    /// - Throws: `AdministrationProblem` that names what is wrong.
    init(_ bytes: [UInt8]) throws(AdministrationProblem) {
        var body = try IdentityBody(bytes)
        guard let model = try body.name("model") else {
            throw AdministrationProblem(.missingMember, "model is missing.", field: "model")
        }
        self.init(model: model)
        dialect = try body.word("dialect", of: Dialect.self) ?? .chat
        headers = try body.headers()
        tenant = try body.name("tenant")
        role = try body.name("role")
        keyLabel = try body.name("key_label")
        time = try body.time("at")
        tokens = try body.count("tokens") ?? 0
        outputTokens = try body.count("output_tokens")
        hasTools = try body.flag("tools") ?? false
        hasImages = try body.flag("images") ?? false
        preference = try body.word("prefer", of: RoutePreference.self)
        spend = try body.amount("spend")
        budgetUsed = try body.amount("budget_used")
        session = try body.name("session")
        try body.finish()
    }
}

extension IdentityBody {
    fileprivate mutating func name(_ key: String) throws(AdministrationProblem) -> String? {
        guard let view = try value(key, orNull: key != "model") else { return nil }
        guard let text = view.string, (1...512).contains(text.unicodeScalars.count) else {
            throw wrong(key, "has to be a text of 1 to 512 characters")
        }
        return text
    }

    fileprivate mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        of type: Word.Type
    ) throws(AdministrationProblem) -> Word? where Word.RawValue == String {
        guard let view = try value(key, orNull: key != "dialect") else { return nil }
        guard let word = view.string.flatMap({ Word(rawValue: $0) }) else {
            throw wrong(key, "has to be \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }

    fileprivate mutating func time(_ key: String) throws(AdministrationProblem) -> Int? {
        guard let view = try value(key, orNull: true) else { return nil }
        guard let time = view.string.flatMap({ Timestamp.milliseconds(of: $0) }) else {
            throw wrong(key, "has to be a time in UTC, such as 2027-01-31T00:00:00Z")
        }
        return time / 1_000
    }

    fileprivate mutating func count(_ key: String) throws(AdministrationProblem) -> Int? {
        guard let view = try value(key, orNull: false) else { return nil }
        guard let count = view.wholeNumber, count >= 0 else { throw wrong(key, "has to be a whole number, 0 or more") }
        return count
    }

    fileprivate mutating func amount(_ key: String) throws(AdministrationProblem) -> Double? {
        guard let view = try value(key, orNull: true) else { return nil }
        guard let amount = view.double, amount >= 0 else { throw wrong(key, "has to be a number, 0 or more") }
        return amount
    }

    fileprivate mutating func flag(_ key: String) throws(AdministrationProblem) -> Bool? {
        guard let view = try value(key, orNull: false) else { return nil }
        guard let flag = view.bool else { throw wrong(key, "has to be true or false") }
        return flag
    }

    fileprivate mutating func headers() throws(AdministrationProblem) -> [(name: String, value: String)] {
        guard let view = try value("headers", orNull: false) else { return [] }
        guard view.kind == .object else { throw wrong("headers", "has to be an object of names and texts") }
        var headers: [(name: String, value: String)] = []
        for member in view.members {
            guard headers.count < 100 else { throw wrong("headers", "has more than 100 of them") }
            guard let value = member.value.string, value.unicodeScalars.count <= 1_024 else {
                throw wrong("headers", "has to hold texts of 1024 characters at most")
            }
            headers.append((member.key, value))
        }
        if let fault = Fields(headers.map { ($0.name, $0.value) }).fault {
            throw wrong("headers", "is wrong: \(fault)")
        }
        return headers
    }

    private mutating func value(_ key: String, orNull: Bool) throws(AdministrationProblem) -> JSONView? {
        guard let view = take(key) else { return nil }
        guard view.isNull else { return view }
        guard orNull else { throw wrong(key, "cannot be null") }
        return nil
    }

    private func wrong(_ key: String, _ how: String) -> AdministrationProblem {
        AdministrationProblem(.invalidValue, "\(key) \(how).", field: key)
    }
}
