import Inference
import JSON
import Logging
import Testing

@testable import Gateway

/// An account with what was used, and those who may ask for it.
final class AccountUnderTest: Sendable {
    let office: Office
    let ledger: Ledger

    init(of office: Office? = nil) throws {
        self.office = try office ?? Office()
        ledger = try Ledger(
            LedgerSettings(place: .memory),
            logger: .silent,
            clock: { Office.start }
        )
    }

    /// Files records as one segment of the journal, each a kilobyte behind the one before.
    func file(_ records: [UsageRecord], segment: Int = 1) throws {
        let placed = records.enumerated().map { place, record in
            (place: JournalPlace(segment: segment, offset: place * 1_024), record: record)
        }
        try ledger.file(placed, positions: [segment: records.count * 1_024])
    }

    /// Asks as the listener does.
    func ask(
        _ act: UsageAdministration.Act,
        _ query: String = "",
        accept: String? = nil,
        as actor: AdministrationActor = .local("1")
    ) throws -> AdministrationReply {
        let administration = UsageAdministration(
            ledger: ledger,
            store: office.store,
            identities: try office.store.snapshot(),
            clock: { Office.start }
        )
        return administration.answer(act, query: query, accept: accept, as: actor)
    }

    /// The same where it has to be answered with JSON.
    func json(
        _ act: UsageAdministration.Act,
        _ query: String = "",
        as actor: AdministrationActor = .local("1")
    ) throws -> JSONView {
        let reply = try ask(act, query, as: actor)
        try #require(reply.status == 200, "\(reply.text)")
        return try JSONDocument(reply.body).root
    }
}

extension AdministrationReply {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The code of a problem, and the parameter that it names.
    var problem: [String?] {
        guard let root = try? JSONDocument(body).root else { return [] }
        return [root["code"]?.string, root["field"]?.string]
    }
}

extension UsageRecord {
    /// A request that went well, an hour before the clock of the office.
    static func sample(
        tenant: String? = "ten_a",
        key: String? = "key_a",
        model: String = "m",
        nanos: Int = 1_500,
        _ change: (inout UsageRecord) -> Void = { _ in }
    ) -> UsageRecord {
        var record = UsageRecord()
        record.at = Office.start - 3_600_000
        record.day = record.at / 86_400_000
        record.requestID = "req_1"
        (record.tenant, record.key, record.client) = (tenant, key, "codex")
        record.route = "POST /v1/responses"
        (record.dialect, record.upstreamDialect) = (.responses, .chat)
        (record.provider, record.model, record.upstreamModel) = ("house", model, model)
        (record.status, record.attempts) = (200, 1)
        record.usage = Usage(input: 10, cachedInput: 4, output: 5)
        record.cost = Money(nanos: nanos)
        record.price = Price(input: 100_000, output: 2_500_000)
        (record.firstByteMicroseconds, record.totalMicroseconds) = (7, 9)
        change(&record)
        return record
    }
}
