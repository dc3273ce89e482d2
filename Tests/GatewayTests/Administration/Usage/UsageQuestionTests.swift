import JSON
import Testing

@testable import Gateway

@Suite("What can be asked of the account")
struct UsageQuestionTests {
    @Test("all that can be said is understood, and bounded (B18)")
    func understood() throws {
        let question = try UsageQuestion(
            "by=tenant,model,tenant&since=2027-01-01&until=2027-01-02T00:00:00%2B01:00&tenant=acme&model=gpt%2F5"
                + "&outcome=ok&limit=99999999&format=csv&sort=tokens",
            accept: "application/jsonl",
            of: .report
        )
        #expect(question.by == [.tenant, .model])
        #expect(question.since == 1_798_761_600_000 && question.until == 1_798_844_400_000)
        #expect(question.filters == [.tenant: "acme", .model: "gpt/5", .outcome: "ok"])
        #expect(question.limit == UsageQuestion.mostRows && question.form == .csv)
        #expect(question.sort == .tokens)
        let records = try UsageQuestion(
            "order=newest&cursor=1z&limit=5&key=k",
            accept: "application/jsonl",
            of: .records
        )
        #expect(
            records.order == .newest && records.filters == [.key: "k"] && records.after == 71 && records.limit == 5
                && records.form == .jsonl
        )
        let early = try UsageQuestion("since=0001-01-01&until=9999-12-31T23:59:59-12:00", accept: nil, of: .report)
        #expect(early.since == 0 && early.until == 253_402_300_799_999)
    }

    @Test(
        "B18: what is not known or not allowed is refused with its name",
        arguments: [
            ("by=tenant,colour", "by"), ("by=", "by"), ("by=tenant,,day", "by"), ("by=Tenant", "by"),
            ("by=tenant,team,user,key,provider,model,client", "by"), ("since=yesterday", "since"),
            ("until=2027-02-30", "until"), ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=1e3", "limit"),
            ("limit=99999999999999999999", "limit"), ("format=xml", "format"), ("outcome=good", "outcome"),
            ("order=newest", "order"), ("sort=size", "sort"), ("cursor=1", "cursor"), ("colour=red", "colour"),
            ("by=day&by=day", "by"),
            ("tenant=%00", "tenant"), ("model=%FF", "model"), ("since=2027-01-01T00:00:00+01:00", "since"),
        ]
    )
    func refused(_ query: String, _ field: String) throws {
        let account = try AccountUnderTest()
        #expect(try account.ask(.report, query).problem == ["invalid_query", field], "\(query)")
    }

    @Test("a dimension that there is not is named, with all that there are")
    func choices() throws {
        let reply = try AccountUnderTest().ask(.report, "by=tenant,colour")
        let detail = try JSONDocument(reply.body).root["detail"]?.string ?? ""
        let all = UsageQuery.Dimension.allCases.map(\.rawValue).joined(separator: ", ")
        #expect(detail == "by holds \"colour\", which is none of \(all).")
    }

    @Test(
        "B18: what is of one list is not of another",
        arguments: [("by=day", "by"), ("order=x", "order"), ("cursor=-", "cursor"), ("format=csv", "format")]
    )
    func ofRecords(_ query: String, _ field: String) throws {
        #expect(try AccountUnderTest().ask(.records, query).problem == ["invalid_query", field])
        #expect(try AccountUnderTest().ask(.budgets, query).problem == ["invalid_query", field])
    }
}
