/// What can be done with captures, and what they look like from outside.
extension CaptureAdministration {
    static let operations: [AdministrationOperation] = Act.allCases.map { act in
        var operation = AdministrationOperation(
            method: act == .erase ? "DELETE" : "GET",
            path: act == .export ? "/admin/v1/captures/export" : "/admin/v1/captures",
            act: .captures(act),
            name: "\(act.rawValue)Captures",
            summary: act.summary,
            group: "captures"
        )
        operation.parameters = act.parameters.map(Act.parameter)
        operation.codes = [.invalidQuery, .notFound, .storeUnavailable]
        operation.answers = [act.answer]
        return operation
    }

    private static let outline: [Schema.Member] = [
        Schema.Member("id", .cursor.meaning("Also the cursor of what comes behind it.")), Schema.Member("at", .time),
        Schema.Member("expires_at", .time), Schema.Member("tenant", .id(of: .tenants)),
        Schema.Member("team", Schema.id(of: .teams).orNull), Schema.Member("user", Schema.id(of: .users).orNull),
        Schema.Member("subject", Schema.text().orNull.meaning("The name of somebody who is no user here.")),
        Schema.Member("key", Schema.id(of: .keys).orNull), Schema.Member("request_id", .text()),
        Schema.Member("route", .text()), Schema.Member("provider", Schema.text().orNull),
        Schema.Member("model", Schema.text().orNull), Schema.Member("outcome", .text()),
        Schema.Member("status", .integer(0...999)),
        Schema.Member("cut", .flag.meaning("Whether the request or the answer was too long to be kept whole.")),
    ]

    private static let content: [Schema.Member] = [
        Schema.Member("request", .any(of: [.anything, .text(), .null]).meaning("Masked; a text where it was cut.")),
        Schema.Member("answer", .any(of: [.anything, .text(), .null]).meaning("Masked; of a stream what it came to.")),
    ]

    fileprivate static let page = NamedSchema("CapturePage", IdentityKind.page(of: .object(outline)))
    fileprivate static let export = NamedSchema("CaptureExport", IdentityKind.page(of: .object(outline + content)))
    fileprivate static let erasure = NamedSchema(
        "CaptureErasure",
        .object([Schema.Member("erased", .integer(0...Int.max).meaning("Exchanges."))])
    )
}

extension CaptureAdministration.Act {
    fileprivate var summary: String {
        switch self {
        case .list: "Lists what was captured, without what was said."
        case .export: "Gives out what was captured, which the audit log notes."
        case .erase: "Deletes what was captured of somebody for good, which the audit log notes."
        }
    }

    fileprivate var answer: AdministrationOperation.Answer {
        switch self {
        case .list: return AdministrationOperation.Answer(200, "A page of them.", CaptureAdministration.page)
        case .export:
            var answer = AdministrationOperation.Answer(200, "A page of them.", CaptureAdministration.export)
            answer.otherTypes = ["application/x-ndjson"]
            return answer
        case .erase: return AdministrationOperation.Answer(200, "They are gone.", CaptureAdministration.erasure)
        }
    }

    fileprivate static func parameter(_ name: String) -> AdministrationOperation.Parameter {
        let most = AdministrationQuery.mostRows
        let (schema, meaning): (Schema, String) =
            switch name {
            case "limit": (.integer(1...Int.max), "Rows of a page; never more than \(most).")
            case "cursor": (.cursor, "The `next` of the page before, or the `id` of its last row.")
            case "since": (.givenTime, "Those of this time and behind it alone.")
            case "until": (.givenTime, "Those before this time alone.")
            case "format": (.choice(CaptureQuery.Format.allCases.map(\.rawValue)), "A page, or an object on each line.")
            case "tenant": (.line, "Those of this tenant alone, by id or name.")
            case "user":
                (.line, "Those of this user alone: by id, by name where the tenant is known, or a token's name.")
            default: (.line, "Those of the key of this id alone.")
            }
        return AdministrationOperation.Parameter(name, in: .query, schema, meaning)
    }
}
