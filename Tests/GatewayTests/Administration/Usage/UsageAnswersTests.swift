import Inference
import JSON
import Testing

@testable import Gateway

@Suite("Reports and records of the account")
struct UsageAnswersTests {
    /// Two requests of a tenant that there is and one of another that is gone.
    private static func filled() throws -> (account: AccountUnderTest, tenant: String) {
        let account = try AccountUnderTest()
        let tenant = try account.office.make(.tenants, #"{"name":"=acme"}"#).id
        try account.file([
            .sample(tenant: tenant, nanos: 1_500_000_000),
            .sample(tenant: tenant, model: "n", nanos: 1) { record in
                record.isEstimated = true
                (record.outcome, record.status, record.code) = (.failed, 502, "upstream_error")
            },
            .sample(tenant: "ten_000000000000", nanos: 2),
        ])
        return (account, tenant)
    }

    @Test("a report has its rows, the sum of all of them, and the names of what is still there")
    func report() throws {
        let (account, tenant) = try Self.filled()
        let report = try account.json(.report, "by=tenant,model&since=2027-01-01")
        #expect(report["by"]?.elements.compactMap(\.string) == ["tenant", "model"])
        #expect(report["since"]?.string == "2027-01-01T00:00:00.000Z" && report["until"]?.isNull == true)
        let rows = report["data"]?.elements.map { $0 } ?? []
        let row = try #require(rows.first { $0["model"]?.string == "n" })
        #expect(rows.count == 3 && row["tenant"]?.string == tenant)
        #expect(row["requests"]?.int == 1 && row["failed"]?.int == 1 && row["estimated"]?.int == 1)
        #expect(
            row["input_tokens"]?.int == 10 && row["cached_input_tokens"]?.int == 4 && row["output_tokens"]?.int == 5
        )
        let total = try #require(report["total"])
        #expect(
            total["requests"]?.int == 3
                && String(decoding: total["cost_usd"]?.raw ?? [], as: UTF8.self) == "1.500000003"
        )
        #expect(report["cut"]?.bool == false)
        #expect(report["names"]?.members.map { [$0.key, $0.value.string] } == [[tenant, "=acme"]])
    }

    @Test("the same as CSV and as lines of JSON; what there is no room for is said in a header field")
    func forms() throws {
        let (account, tenant) = try Self.filled()
        let csv = try account.ask(.report, "by=model,tenant&tenant=\(tenant)", accept: "text/csv")
        #expect(csv.contentType == "text/csv" && !csv.isCut)
        let lines = csv.text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[3].isEmpty)
        #expect(lines[0] == Substring((["model", "tenant"] + UsageFigure.all.map(\.name)).joined(separator: ",")))
        #expect(lines.contains("m,\(tenant),1,0,0,10,4,0,5,0,1.5,9"))
        let cut = try account.ask(.report, "by=model&limit=1&format=jsonl")
        #expect(cut.contentType == "application/jsonl" && cut.isCut)
        #expect(cut.text.hasSuffix("}\n") && cut.text.split(separator: "\n").count == 1)
        #expect(try account.json(.report, "by=model&limit=1")["cut"]?.bool == true)
    }

    @Test("without a dimension there is the sum alone; of a time without requests it is nothing")
    func sums() throws {
        let (account, _) = try Self.filled()
        #expect(try account.json(.report)["total"]?["requests"]?.int == 3)
        let none = try account.json(.report, "until=2026-01-01&by=day")
        #expect(none["data"]?.elements.map { $0 }.isEmpty == true && none["total"]?["requests"]?.int == 0)
    }

    @Test("rows come with the largest amount first, or by their values, as those of days do")
    func order() throws {
        let account = try AccountUnderTest()
        try account.file([
            .sample(model: "a", nanos: 1),
            .sample(model: "b", nanos: 3) { ($0.at, $0.day) = ($0.at - 86_400_000, $0.day - 1) },
            .sample(model: "c", nanos: 2) { $0.usage.output = 9_000 },
        ])
        func values(_ query: String) throws -> [String?] {
            let report = try account.json(.report, query)
            return report["data"]?.elements.map { $0["model"]?.string ?? $0["day"]?.string } ?? []
        }
        #expect(try values("by=model") == ["b", "c", "a"])
        #expect(try values("by=model&sort=values") == ["a", "b", "c"])
        #expect(try values("by=model&sort=tokens").first == "c")
        #expect(try values("by=day") == ["2027-01-14", "2027-01-15"])
    }

    @Test("records come page by page in the order of the journal, and go on behind the last id")
    func pages() throws {
        let account = try AccountUnderTest()
        try account.file((0..<5).map { number in .sample { $0.requestID = "req_\(number)" } })
        for (order, expected) in [("oldest", [0, 1, 2, 3, 4]), ("newest", [4, 3, 2, 1, 0])] {
            var (found, cursor): ([String], String?) = ([], nil)
            repeat {
                let page = try account.json(.records, "order=\(order)&limit=2" + (cursor.map { "&cursor=\($0)" } ?? ""))
                found += page["data"]?.elements.compactMap { $0["request_id"]?.string } ?? []
                cursor = page["next"]?.string
            } while cursor != nil
            #expect(found == expected.map { "req_\($0)" })
        }
        let last = try #require(try account.json(.records)["data"]?.elements.map { $0 }.last?["id"]?.string)
        #expect(try account.json(.records, "cursor=\(last)")["data"]?.elements.map { $0 }.isEmpty == true)
        try account.file([.sample { $0.requestID = "req_new" }], segment: 2)
        let more = try account.json(.records, "cursor=\(last)")["data"]?.elements.map { $0 } ?? []
        #expect(more.map { $0["request_id"]?.string } == ["req_new"])
    }

    @Test("lines of JSON have a cursor beside them where there are more")
    func linesGoOn() throws {
        let account = try AccountUnderTest()
        try account.file((0..<3).map { number in .sample { $0.requestID = "req_\(number)" } })
        let first = try account.ask(.records, "format=jsonl&limit=2")
        let next = try #require(first.next)
        #expect(first.isCut && first.text.split(separator: "\n").count == 2)
        let last = try account.ask(.records, "format=jsonl&limit=2&cursor=\(next)")
        #expect(!last.isCut && last.next == nil && last.text.contains("req_2"))
    }

    @Test("B18: a page may end before anything was found, and goes on behind that")
    func emptyPages() throws {
        let account = try AccountUnderTest()
        let (count, tenant) = (Ledger.blocksOfPage + 2, "ten_000000000000")
        try account.file(
            (0..<count).map { day in
                .sample(tenant: day == count - 1 ? tenant : "ten_a") { $0.at += day * 86_400_000 }
            }
        )
        let first = try account.json(.records, "tenant=\(tenant)")
        #expect(first["data"]?.elements.map { $0 }.isEmpty == true)
        let next = try #require(first["next"]?.string)
        let second = try account.json(.records, "tenant=\(tenant)&cursor=\(next)")
        #expect(second["data"]?[0]?["tenant"]?.string == tenant && second["next"]?.isNull == true)
    }

    @Test("B18: hours without a period, or for too long a one, are refused")
    func hours() throws {
        let (account, _) = try Self.filled()
        for query in ["by=hour", "by=hour&since=2020-01-01", "by=tenant,hour&since=2026-01-01&until=2026-02-02"] {
            #expect(try account.ask(.report, query).problem == ["invalid_query", "since"], "\(query)")
        }
        #expect(try account.json(.report, "by=hour&since=2027-01-01")["total"]?["requests"]?.int == 3)
    }

    @Test("a record is told with all its members, exactly")
    func record() throws {
        let account = try AccountUnderTest()
        try account.file([.sample(key: nil) { $0.tried = "house:ok" }])
        let page = try account.json(.records)
        let record = try #require(page["data"]?[0])
        #expect(record.members.map(\.key) == UsageField.all.map(\.name))
        #expect(record["at"]?.string == "2027-01-15T07:00:00.000Z" && record["day"]?.string == "2027-01-15")
        #expect(record["key"]?.isNull == true && record["client"]?.string == "codex")
        #expect(record["upstream_dialect"]?.string == "chat" && record["outcome"]?.string == "ok")
        #expect(String(decoding: record["cost_usd"]?.raw ?? [], as: UTF8.self) == "0.0000015")
        #expect(record["price_input"]?.double == 0.1 && record["price_output"]?.double == 2.5)
        #expect(record["price_image"]?.isNull == true && record["reasoning_tokens"]?.isNull == true)
        let lines = try account.ask(.records, accept: "application/x-ndjson")
        #expect(lines.contentType == "application/jsonl")
        #expect(lines.text == String(decoding: record.raw, as: UTF8.self) + "\n")
    }

    @Test("B18: a page of records ends behind a mebibyte, and goes on where it ended")
    func longPages() throws {
        let account = try AccountUnderTest()
        let long = String(repeating: "x", count: 4_000)
        try account.file((0..<600).map { number in .sample { ($0.requestID, $0.tried) = ("req_\(number)", long) } })
        let page = try account.json(.records, "limit=1000")
        let first = page["data"]?.elements.map { $0 } ?? []
        #expect(first.count < 300)
        let next = try #require(page["next"]?.string)
        #expect(next == first.last?["id"]?.string)
        let rest = try account.json(.records, "limit=1000&cursor=\(next)")
        #expect(rest["data"]?[0]?["request_id"]?.string == "req_\(first.count)")
    }
}
