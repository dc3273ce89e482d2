import Inference
import Providers

/// Why a rule does not fit a request: its first condition that does not hold.
package struct RouteMismatch: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    private init(_ description: String) { self.description = description }

    /// Nil for a rule that fits; this is what the index has to agree with.
    package init?(of conditions: RouteConditions, for query: RouteQuery) {
        let checks: [(RouteConditions, RouteQuery) -> String?] = [
            Self.provider, Self.headers, Self.model, Self.dialect, Self.caller, Self.time, Self.tokens, Self.content,
            Self.spend, Self.budget, Self.preference,
        ]
        guard let reason = checks.lazy.compactMap({ $0(conditions, query) }).first else { return nil }
        self.init(reason)
    }

    private static func provider(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        guard query.provider != nil, !conditions.namesProvider else { return nil }
        return "the request names a provider in x-provider, and the rule has no condition on it"
    }

    private static func headers(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        for header in conditions.headers where !query.fields.has(header) {
            let found = query.fields.contains(header.name) ? "has another value" : "is not there"
            return "the field \(header.name) \(found), wanted \(header.value.text)"
        }
        return nil
    }

    private static func model(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        if !conditions.models.isEmpty, !conditions.models.contains(where: { $0.matches(query.model) }) {
            return "the model \(query.model) is none of \(conditions.models.map(\.text).joined(separator: ", "))"
        }
        guard !conditions.families.isEmpty else { return nil }
        var model = query.model
        let isMember = model.withUTF8 { text in
            conditions.families.contains { ModelFamily.holds($0, UnsafeRawBufferPointer(text)) }
        }
        guard !isMember else { return nil }
        return "the model \(query.model) is of none of the families \(conditions.families.joined(separator: ", "))"
    }

    private static func dialect(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        guard !conditions.dialects.isEmpty, !conditions.dialects.contains(query.dialect) else { return nil }
        let names = conditions.dialects.map(\.rawValue).sorted().joined(separator: ", ")
        return "the caller speaks \(query.dialect.rawValue), wanted \(names)"
    }

    private static func caller(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        let wishes: [(String, Set<String>, [String?])] = [
            ("tenant", conditions.tenants, [query.tenant, query.tenantID]),
            ("role", conditions.roles, [query.role]), ("key label", conditions.keyLabels, [query.keyLabel]),
        ]
        for (noun, wanted, names) in wishes where !wanted.isEmpty {
            let known = names.compactMap(\.self)
            if known.contains(where: { name in wanted.contains { $0.utf8.elementsEqual(name.utf8) } }) { continue }
            let all = wanted.sorted().joined(separator: ", ")
            return known.first.map { "the caller's \(noun) is \($0), wanted \(all)" }
                ?? "the caller has no \(noun), wanted \(all)"
        }
        return nil
    }

    private static func time(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        guard let schedule = conditions.schedule, !schedule.isOpen(at: query.time) else { return nil }
        let all = schedule.windows.map(\.description).joined(separator: "; ")
        return "it is \(TimeWindow.clock(at: query.time, in: schedule.windows.first?.zone ?? .utc)), wanted \(all)"
    }

    private static func tokens(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        if let least = conditions.minimumTokens, query.tokens < least {
            return "the prompt has about \(query.tokens) tokens, wanted at least \(least)"
        }
        guard let most = conditions.maximumTokens, query.tokens > most else { return nil }
        return "the prompt has about \(query.tokens) tokens, wanted at most \(most)"
    }

    private static func content(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        for (noun, wanted, there) in [
            ("tools", conditions.tools, query.hasTools), ("images", conditions.images, query.hasImages),
        ] {
            guard let wanted, wanted != there else { continue }
            return there ? "the request has \(noun)" : "the request has no \(noun)"
        }
        return nil
    }

    private static func spend(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        guard conditions.minimumSpend != nil || conditions.maximumSpend != nil else { return nil }
        guard let spend = query.spend else { return "what the caller has spent is not known" }
        if let least = conditions.minimumSpend, spend < least {
            return "the caller has spent \(spend), wanted \(least)"
        }
        guard let most = conditions.maximumSpend, spend > most else { return nil }
        return "the caller has spent \(spend), wanted at most \(most)"
    }

    private static func budget(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        let (least, most) = (conditions.minimumBudgetUsed, conditions.maximumBudgetUsed)
        guard least != nil || most != nil else { return nil }
        guard let used = query.budgetUsed else { return "no budget bounds the caller" }
        if let least, used < least {
            return "\(percent(used)) of the caller's budget is used, wanted \(percent(least))"
        }
        guard let most, used > most else { return nil }
        return "\(percent(used)) of the caller's budget is used, wanted at most \(percent(most))"
    }

    /// To a tenth of a percent.
    private static func percent(_ share: Double) -> String {
        let tenths = Int((min(max(share, 0), 1e6) * 1_000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    private static func preference(_ conditions: RouteConditions, _ query: RouteQuery) -> String? {
        guard !conditions.preferences.isEmpty else { return nil }
        let names = conditions.preferences.map(\.rawValue).sorted().joined(separator: ", ")
        guard let preference = query.preference else { return "the caller prefers nothing, wanted \(names)" }
        guard !conditions.preferences.contains(preference) else { return nil }
        return "the caller prefers \(preference.rawValue), wanted \(names)"
    }
}

extension TimeWindow: CustomStringConvertible {
    package static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    package var description: String {
        let names = days.count == 7 ? "" : days.sorted().map { Self.dayNames[$0] }.joined(separator: ",") + " "
        return "\(names)\(Self.text(ofMinute: from))-\(Self.text(ofMinute: to)) \(zone.name)"
    }

    /// A minute of the day, such as `07:05`.
    package static func text(ofMinute minute: Int) -> String {
        let (hours, minutes) = (minute / 60, minute % 60)
        return "\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
    }

    /// What the clock of a zone shows.
    package static func clock(at seconds: Int, in zone: ZoneRules) -> String {
        let local = (seconds + zone.offset(at: seconds).east).dividedDown(by: 60)
        let day = (local.dividedDown(by: minutesOfDay) + 3).remainder(of: 7)
        return "\(dayNames[day]) \(text(ofMinute: local.remainder(of: minutesOfDay))) \(zone.name)"
    }
}
