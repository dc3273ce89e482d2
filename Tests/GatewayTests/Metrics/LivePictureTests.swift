import Testing

@testable import Gateway

@Suite("What is told of the requests that run and that ran")
struct LivePictureTests {
    /// Puts series, the tenant's label last, into a picture.
    private static func add(
        _ series: [(labels: [String], value: Double)],
        _ name: GatewayMetrics.Counted,
        to picture: inout LivePicture
    ) {
        var table = SeriesTable(name.name, most: 100)
        for (labels, value) in series {
            let index = table.index(of: labels)
            if name.name.kind == .histogram {
                table.note(value, at: index)
            } else {
                table.add(value, at: index)
            }
        }
        picture.add(table.snapshot(), of: name)
    }

    private static func picture(_ tenants: [String]) -> LivePicture {
        var picture = LivePicture()
        for tenant in tenants {
            let requests = [("2xx", "ok", 3.0), ("5xx", "failed", 2), ("2xx", "interrupted", 1), ("4xx", "refused", 4)]
            add(requests.map { (["chat", "house", "m", $0.0, $0.1, tenant], $0.2) }, .requests, to: &picture)
            let tokens = [("input", 30.0), ("cached_input", 8), ("output", 20), ("reasoning", 9)]
            add(tokens.map { ([$0.0, "house", "m", tenant], $0.1) }, .tokens, to: &picture)
            add([(["house", "m", tenant], 0.000007)], .cost, to: &picture)
            let times = [("chat", 0.5), ("text_completion", 1)]
            add(times.map { ([$0.0, "house", "m", tenant], $0.1) }, .firstToken, to: &picture)
        }
        return picture
    }

    @Test("is a row for each tenant, provider and model, of whatever dialect and however it ended")
    func counted() throws {
        let rows = Self.picture(["ten_a"]).rows(of: nil)
        let row = try #require(rows.first)
        #expect(rows.count == 1 && row.subject == LiveSubject(tenant: "ten_a", provider: "house", model: "m"))
        #expect(row.counts.requests == 10 && row.counts.failed == 3 && row.counts.inFlight == 0)
        #expect(row.counts.input == 30 && row.counts.output == 20)
        #expect(LiveCounts.whole(row.counts.usd * 1e9) == 7_000)
        #expect(row.counts.firstTokens == 2 && row.counts.firstTokenSeconds == 1.5)
    }

    @Test("is that of all tenants in their order, or that of one")
    func tenants() {
        var picture = Self.picture(["ten_b", "ten_a"])
        let runs = LiveSubject(tenant: "ten_b", provider: "house", model: "new")
        picture.add(running: [runs, runs])
        let all = picture.rows(of: nil)
        #expect(all.map(\.subject.tenant) == ["ten_a", "ten_b", "ten_b"])
        #expect(all.map(\.counts.requests) == [10, 10, 0] && all.map(\.counts.inFlight) == [0, 0, 2])
        #expect(picture.rows(of: "ten_a").count == 1 && picture.rows(of: "").isEmpty)
    }

    @Test("no sum is too large to be told, whatever a provider claims", arguments: [Double.infinity, 1e300, 0x1p63])
    func large(_ sum: Double) {
        #expect(LiveCounts.whole(sum) == 1 << 61)
        #expect(LiveCounts.whole(.nan) == 0 && LiveCounts.whole(-1) == 0 && LiveCounts.whole(1.6) == 2)
    }
}
