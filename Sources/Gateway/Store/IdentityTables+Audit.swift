import GRDB
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The audit log, and the replies that are kept for those who ask twice.
extension IdentityTables {
    /// Appends an entry, chained to the one before it.
    func note(
        _ act: String,
        _ actor: AdministrationActor,
        before: IdentityRow?,
        after: IdentityRow?
    ) throws(AdministrationProblem) {
        try note(
            act,
            actor,
            on: (after ?? before)?.id ?? "",
            of: (after ?? before)?.tenant,
            before: before.map { String(decoding: $0.json(), as: UTF8.self) },
            after: after.map { String(decoding: $0.json(), as: UTF8.self) }
        )
    }

    /// The same for what is no row: `before` and `after` are JSON.
    func note(
        _ act: String,
        _ actor: AdministrationActor,
        on subject: String,
        of tenant: String? = nil,
        before: String?,
        after: String?
    ) throws(AdministrationProblem) {
        try guarded {
            let last = try Row.fetchOne(database, sql: "SELECT * FROM audit ORDER BY number DESC LIMIT 1")
                .map { AuditEntry($0) }
            let sequence = try Int.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
            var entry = AuditEntry(
                number: (sequence ?? 0) + 1,
                at: now,
                actor: actor.name,
                address: actor.address,
                act: act,
                subject: subject,
                tenant: tenant,
                before: before,
                after: after
            )
            entry.hash = entry.chained(to: last?.hash ?? [])
            try database.execute(
                sql: "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    entry.number, entry.at, entry.actor, entry.address, entry.act, entry.subject, entry.tenant,
                    entry.before, entry.after, Data(entry.hash),
                ]
            )
        }
    }

    func auditPage(_ query: AdministrationQuery) throws(AdministrationProblem) -> AdministrationReply {
        let entries = try auditEntries(after: query.after, limit: query.limit + 1)
        let length = try auditLength()
        var writer = JSONWriter()
        var written = 0
        writer.object { object in
            object.key("data")
            object.array { array in
                for entry in entries.prefix(query.limit) where array.bytes.count <= Self.longPage {
                    entry.write(to: &array)
                    written += 1
                }
            }
            let last = written < entries.count ? entries[written - 1].number : nil
            object.member("next", last.map { .string(AdministrationQuery.cursor($0)) } ?? JSONValue.null)
            object.member("length", length)
        }
        return AdministrationReply(status: 200, body: writer.bytes)
    }

    func auditEntries(after number: Int, limit: Int) throws(AdministrationProblem) -> [AuditEntry] {
        try guarded {
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?",
                arguments: [number, limit]
            )
            .map { AuditEntry($0) }
        }
    }

    /// How many entries were ever written.
    func auditLength() throws(AdministrationProblem) -> Int {
        try guarded {
            try Int.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'audit'") ?? 0
        }
    }

    // MARK: Idempotency

    /// Does something once for each `Idempotency-Key` of an actor; a second time the first reply is given, without the key
    /// that may have been in it.
    func once(
        _ request: AdministrationRequest,
        _ actor: AdministrationActor,
        _ body: () throws(AdministrationProblem) -> AdministrationReply
    ) throws(AdministrationProblem) -> AdministrationReply {
        guard request.method == "POST", let token = request.idempotencyKey else { return try body() }
        guard (1...255).contains(token.utf8.count) else {
            throw AdministrationProblem(.invalidValue, "Idempotency-Key has to be 1 to 255 bytes.")
        }
        // The actor's name is the gateway's own word, so that no two tenants meet here (T2).
        let scope = actor.name
        let digest = hasher.digest(of: [request.method, request.path], request.body)
        let earlier = try guarded {
            try database.execute(sql: "DELETE FROM replies WHERE at < ?", arguments: [now - Self.repliesAreKept])
            return try Row.fetchOne(
                database,
                sql: "SELECT * FROM replies WHERE scope = ? AND token = ?",
                arguments: [scope, token]
            )
        }
        if let earlier {
            guard earlier["request"] as Data == Data(digest) else {
                throw AdministrationProblem(.idempotencyConflict, "Idempotency-Key was used for another request.")
            }
            var reply = AdministrationReply(status: earlier["status"], body: Array(earlier["body"] as Data))
            reply.entityTag = earlier["tag"]
            reply.isReplayed = true
            return reply
        }
        let reply = try body()
        try guarded {
            try database.execute(
                sql: "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    scope, token, Data(digest), reply.status, Data(Self.withoutKey(reply.body)), reply.entityTag, now,
                ]
            )
            // An actor's oldest make room for its newest.
            try database.execute(
                sql: """
                    DELETE FROM replies WHERE scope = ? AND token NOT IN
                        (SELECT token FROM replies WHERE scope = ? ORDER BY at DESC, rowid DESC LIMIT ?)
                    """,
                arguments: [scope, scope, Self.mostReplies]
            )
        }
        return reply
    }

    /// A key is shown once, and is not kept for a second time.
    private static func withoutKey(_ body: [UInt8]) -> [UInt8] {
        guard let root = try? JSONDocument(body).root, root["key"] != nil else { return body }
        var writer = JSONWriter()
        writer.object { object in
            for member in root.members where member.key != "key" { object.member(member.key, member.value) }
        }
        return writer.bytes
    }

    static func data(_ bytes: UnsafeRawBufferPointer) -> Data { Data(bytes) }

    private static let repliesAreKept = 86_400_000
    /// For each actor.
    private static let mostReplies = 1_000
}

/// One administrative act, as the log has it.
struct AuditEntry: Sendable, Hashable {
    let number: Int
    /// Milliseconds since 1970.
    let at: Int
    let actor: String
    let address: String?
    let act: String
    let subject: String
    let tenant: String?
    /// The thing as it was and as it became, in JSON; never a secret.
    let before: String?
    let after: String?
    /// SHA-256 over the hash of the entry before and all members of this one.
    var hash: [UInt8] = []

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("number", number)
            object.member("at", Timestamp.text(of: at))
            object.member("at_ms", at)
            object.member("actor", actor)
            object.member("address", address.map { .string($0) } ?? JSONValue.null)
            object.member("act", act)
            object.member("subject", subject)
            object.member("tenant", tenant.map { .string($0) } ?? JSONValue.null)
            object.key("before")
            if let before { object.raw(before.utf8) } else { object.null() }
            object.key("after")
            if let after { object.raw(after.utf8) } else { object.null() }
            object.member("hash", Self.text(of: hash))
        }
    }
}

extension AuditEntry {
    init(_ row: Row) {
        number = row["number"]
        at = row["at"]
        actor = row["actor"]
        address = row["address"]
        act = row["act"]
        subject = row["subject"]
        tenant = row["tenant"]
        before = row["old"]
        after = row["new"]
        hash = Array(row["hash"] as Data)
    }
}
