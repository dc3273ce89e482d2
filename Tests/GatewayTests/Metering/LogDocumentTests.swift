import Foundation
import Inference
import JSON
import Testing

@testable import Gateway

@Suite("The page about the request log")
struct LogDocumentTests {
    @Test("lists exactly the members that a line can have, in their order")
    func listsEveryMember() throws {
        var record = ExchangeRecord(requestID: "req_1", route: "POST /v1/responses")
        record.transport = .webSocket
        record.tenant = "ten_1"
        record.team = "team_1"
        record.user = "user_1"
        record.key = "k1"
        record.client = "codex"
        record.dialect = .responses
        record.provider = "house"
        record.upstreamDialect = .chat
        record.dropped = "store"
        record.warning = "prompt_truncated"
        record.model = "asked"
        record.upstreamModel = "served"
        record.rule = "night"
        record.status = 502
        record.upstreamStatus = 500
        record.code = "upstream_error"
        record.cause = "broken"
        record.attempts = 2
        record.retries = 1
        record.fallbackCause = "server_is_overloaded"
        record.tried = [ExchangeRecord.Tried(provider: "house", outcome: "server_is_overloaded")]
        record.waitedMicroseconds = 1
        record.usage = Usage(input: 5, cachedInput: 4, cacheWrite: 3, cacheWrite1h: 2, output: 2, reasoning: 1)
        record.isEstimated = true
        record.costNanos = 1
        record.isUnpriced = true
        record.firstByteMicroseconds = 7
        record.firstTokenMicroseconds = 8
        let line = LogLine(record, format: .json, time: "2026-01-01T00:00:00.000Z").bytes
        let members = try JSONDocument(Array(line.dropLast())).root.members.map(\.key)

        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let listed = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            String(row.dropFirst(3).prefix { $0 != "`" })
        }
        #expect(listed == members)
    }

    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/logging.md").standardizedFileURL
}
